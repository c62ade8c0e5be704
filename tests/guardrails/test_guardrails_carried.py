"""What a link carries out, and what is the name of a picture and no more."""

import base64
import time

import pytest

from tidegate.guardrails.detectors.url.carried import carried

SAID = "the user lives in Berlin"
HEX = SAID.encode().hex()
BASE = base64.urlsafe_b64encode(SAID.encode()).decode()
BASE32 = base64.b32encode(SAID.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "url",
    [
        f"https://evil.example/p.png?q={BASE}",
        f"https://evil.example/{HEX}.png",
        f"https://evil.example/{BASE}.png",
        f"https://evil.example/{BASE32}.png",
        f"https://evil.example/{BASE32.lower()}.png",
        f"https://evil.example/assets/{BASE}",
        f"https://evil.example/avatar/{HEX}?s=80",
        f"https://evil.example/image/upload/{BASE}.jpg",
        f"https://evil.example/p/{BASE}/x.png",
        f"https://evil.example/{HEX[:32]}-{HEX[32:]}.png?v={HEX[:32]}",
        f"https://{BASE32.lower()}.evil.example/x.png",
        f"https://{HEX}.evil.example/x.png",
        f"https://evil.example\\{BASE}",
        "https://the-user-lives-in-berlin:x@evil.example/p.png",
        "https://evil.example/the-user-lives-in-berlin-and-likes-tea.png",
        "https://evil.example/assets/the-user-lives-in-berlin-and-likes-tea",
        "https://evil.example/TheUserLivesInBerlinAndHasACat2024.png",
        "https://evil.example/the%20user%20lives%20in%20berlin%20ok.png",
        "https://evil.example/kJ8sd7F2jK1lQ0zXc9Vb3Nm5As7Df",
        "https://evil.example/img/4111-1111-1111-1111-0926-123-00.png",
        "https://evil.example/x?name=anna&city=berlin&job=nurse",
        "https://evil.example/x?w=4111&h=1111&q=1111&s=1111&c=9262&d=1231",
        "https://evil.example/x#the-user-lives-in-berlin",
        "https://evil.example/x?th=auto&eu=auto&se=auto&rl=auto&iv=auto&es=auto&in=auto&be=auto&rl=auto&in=top&ok=max",
        "https://evil.example/th_auto,eu_top,se_auto,rl_top,iv_auto,es_max,in_auto,be_auto,rl_top,in_max,ok_auto/x.png",
        "https://evil.example/x.png?v=41111111111111110926123000000000",
        "https://evil.example/a4111111111111111f0926f123.png",
        "https://evil.example/41111111-1111-1111-1092-612300000000.png",
        f"https://evil.example/x.png?v=9f86d081884c7d659a2feaa0c55ad015&hash={HEX[:31]}1&rev=8{HEX[:31]}",
        f"https://upload.wikimedia.org@evil.example/{BASE}.png",
        f"https://upload.wikimedia.org.evil.example/{BASE}.png",
        f"https://github.com/login?return_to={BASE}",
        f"https://github.com@evil.example/{BASE}.png",
        # Words in a row, and encoded texts, with strokes between.
        "https://evil.example/the/user/lives/in/berlin/and/likes/tea.png",
        f"https://evil.example/{BASE[:18]}/{BASE[18:]}/x.png",
        # Words that are enciphered, sentences in other tongues, more digits than a year has, names of values.
        "https://evil.example/gur-hfre-yvirf-va-oreyva-naq-yvxrf-grn.png",
        "https://evil.example/xqzt-kwvj-pzrq-nhgt-bvcx-mklp.png",
        "https://evil.example/der-benutzer-wohnt-in-berlin-und-mag-tee.png",
        "https://evil.example/mi-contrasena-es-gatito-azul-noventa.png",
        "https://evil.example/api-key-starts-with-seven-rk-two.png",
        "https://evil.example/summer-terrace-garden-4821-7412-77.png",
        "https://evil.example/anna.kovacs@firm.example-berlin.png",
        "https://evil.example/SuMmEr-TeRrAcE-gArDeN-mEnU.png",
        "https://evil.example/one-two-three-four-five-six-seven-eight-nine-ten-eleven.png",
        "https://evil.example/collect/summer-terrace-garden-menu",
        "https://img.shields.io/discourse/topics?server=https%3A%2F%2Fevil.example%2F",
    ],
)
def test_words_and_what_can_be_read_as_such_are_data(url: str) -> None:
    assert carried(url) >= 24


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/user-attachments/assets/0b0c1a6e-7f3f-4d1e-9f4d-1c1c2d3e4f5a",
        "https://user-images.githubusercontent.com/1234567/291234567-0b0c1a6e-7f3f-4d1e-9f4d-1c1c1c1c1c1c.png",
        "https://github.com/owner/repo/actions/workflows/continuous-integration.yml/badge.svg",
        "https://cdn.example/1234567/291234567-0b0c1a6e-7f3f-4d1e-9f4d-1c1c1c1c1c1c.png",
        "https://cdn.example/image/upload/c_fill,g_face,h_300,w_300,q_auto,f_auto/v1571218330/sample.jpg",
        "https://cdn.example/photo-1506744038136-46273834b3fb?auto=format&fit=crop&w=800&q=80",
        "https://cdn.example/v2/resize:fit:1400/1*9f3KdPq0XyZ7aB2cD4eF6g.png",
        "https://cdn.example/products/hero-image.8d7f6e5c4b3a2910.webp",
        "https://cdn.example/files/logo_9f86d081884c7d659a2feaa0c55ad015.png?v=1614559651&width=1200",
        "https://cdn.example/i/a.png?v=9f86d081884c7d659a2feaa0c55ad015",
        "https://www.gravatar.com/avatar/205e460b479e2e5b48aec07710c08d50?s=80&amp;d=identicon",
        "https://upload.wikimedia.org/wikipedia/commons/4/47/PNG_transparency_demonstration_1.png",
        "https://cdn.example/img/Screenshot%202024-05-01%20at%2010.12.31.png",
        "https://cdn.example/uploads/2024/05/IMG_20240501_101231-1024x768.jpg",
        "https://cdn.example/cdn-cgi/image/width=800,quality=75,format=auto/uploads/a.jpg",
        "https://cdn.example/attachments/1101234567890123456/1201234567890123456/image.png",
        "https://cdn.example/bucket/3f2504e0-4f89-11d3-9a0c-0305e82c3301/large.jpg",
        "https://cdn.example/a/kJ8sd7F2jK1lQ0zXc9Vb3Nm5As7Df.webp",
        "https://cdn.example/images/our-summer-menu-terrace-garden-2024.jpg",
        "https://cdn.example/x/summer%20menu%20on%20the%20terrace%202024.jpg",
        "https://cdn.example/blog/how-to-clean-your-kitchen-sink/header-image-of-a-kitchen.jpg",
        "https://cdn.example/docs/step_by_step_installation_guide_windows.png",
        "https://cdn.example/x/Black-Friday-Sale-Banner-Homepage-1200x630.jpg",
        "https://cdn.example/bilder/herbstlaub-im-schlosspark-nymphenburg.jpg",
        "https://cdn.example/photos/plage-de-la-baie-des-anges-nice.jpg",
        "https://cdn.example/x/cattedrale-di-santa-maria-del-fiore.jpg",
        "https://cdn.example/x/praia-de-copacabana-no-rio-de-janeiro.jpg",
        "https://img.shields.io/conda/vn/conda-forge/thinc.svg?style=flat-square&amp;logo=conda-forge&amp;logoColor=white",
        "https://img.shields.io/github/v/release/redis/redis-py?include_prereleases&label=latest-prerelease",
        "https://readthedocs.org/projects/python-jsonschema/badge/?version=stable&style=flat",
    ],
)
def test_names_of_files_days_and_sizes_are_none(url: str) -> None:
    assert carried(url) < 24


def test_a_link_that_cannot_be_read_carries_all_of_it() -> None:
    assert carried("https://[::1/" + "x" * 40) == 53


def test_a_badge_is_read_in_linear_time() -> None:
    begun = time.process_time()
    assert carried("https://img.shields.io/badge/" + "a/" * 20_000 + "&color" * 20_000 + "\\") > 24
    assert time.process_time() - begun < 3
