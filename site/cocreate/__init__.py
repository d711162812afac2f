"""cocreate: how citizens and developers build digital services with GovTech, in four languages.

Start reading at :func:`cocreate.app.create_app`; the two registries that everything loops over
are :data:`cocreate.languages.LANGUAGES` and :data:`cocreate.pages.PAGES`.
"""
