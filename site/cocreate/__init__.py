"""cocreate: a site in several languages on which people join the communities of a public body.

Start reading at :func:`cocreate.app.create_app`; the three registries that everything loops over
are :data:`cocreate.languages.LANGUAGES`, :data:`cocreate.pages.PAGES` and
:data:`cocreate.communities.COMMUNITIES`.
"""
