"""Two texts of which one says the contrary of the other in one word, and the rest is the same. Pure Python.

"左足が痛い" and "右足が痛い" are one character apart, "What is ethene?" and "What is ethyne?" one letter: the networks
hardly see it. `opposites` lists whole words; here they are told by their parts: prefixes that face each other, the
endings of chemistry, characters of scripts that set no blanks, and words of grammar such as since and until.
"""

import re
from collections.abc import Mapping

from .opposites import OPPOSITES
from .place import alike, ends
from .reading import TOKEN, Reading
from .remembered import remembered

_ARTICLES = frozenset(("a", "an", "the"))
_FACING = frozenset(
    frozenset(pair.split("/"))
    for pair in (
        "hyper/hypo inter/intra macro/micro pre/post endo/exo over/under im/e ex/im in/ex im/ex in/de en/de ab/ad af/ef"
        " homo/hetero mono/poly intro/extro in/out up/down sub/super uni/bi con/di a/de pro/re anti/pro"
    ).split()
)
"""Prefixes of the same stem: hypotension, hypertension; import, export."""
_NOT = ("un", "in", "im", "il", "ir", "non", "non-", "dis", "mis", "anti", "anti-")
"""Prefixes that turn a word round: married, unmarried."""
_ALIKE = frozenset(
    "inflammable inhabitable invaluable irregardless unravel unthaw unloosen inflight inhouse instore inbuilt".split()
)
"""Words that have one of them and do not turn the other round."""
STEM, SHORT = 5, 3
"""Letters of the stem; behind two prefixes of five letters few are enough: intranet."""
_ORGANIC = re.compile(r"(.*(?:meth|eth|prop|but|pent|hex|hept|oct|non|dec|alk))((?:[aey]ne|an(?:ol|al|one))s?)")
_SALTS = re.compile(
    r"(.*(?:sulf|sulph|nitr|phosph|chlor|brom|iod|fluor|carbon|arsen|chrom|selen|tellur|silic|cyan))"
    r"(ates?|ites?|ides?|ic|ous)"
)
"""The beginning and the end of what chemistry makes of a few stems: sulfate, sulfite, sulfide."""
_WORDS = frozenset(
    frozenset(pair.split("/"))
    for pair in """
        since/until since/till seit/bis ab/bis von/bis depuis/jusqu'à desde/hasta desde/até vanaf/tot od/do
        odkdy/dokdy odkąd/dokąd від/до с/до dari/sampai dari/hingga kutoka/hadi
    """.split()
)
"""Words of grammar that face each other."""
_PARTICLES = frozenset((frozenset(("in", "out")),))
"""Opposites that may be wording: a form is filled in, and filled out."""
_UNSPACED = frozenset(
    frozenset(pair.split("/"))
    for pair in """
        左/右 上/下 前/後 前/后 内/外 大/小 多/少 高/低 长/短 長/短 男/女 东/西 東/西 南/北 买/卖 買/賣 買/売 进/出
        進/出 入/出 开/关 開/關 開/閉 早/晚 朝/夜 朝/晩 昼/夜 冷/热 冷/熱 冷/暖 寒/暑 生/死 新/旧 新/舊 新/古 增/减
        增/減 増/減 加/减 加/減 夏/冬 春/秋 父/母 兄/弟 姉/妹 姐/妹 哥/弟 爷/奶 爺/奶 公/婆 夫/妻 表/里 表/裏 正/反
        正/负 正/負 升/降 昇/降 奇/偶 有/无 有/無 优/劣 優/劣 强/弱 強/弱 胖/瘦 太/痩 轻/重 軽/重 輕/重 快/慢 深/浅
        深/淺 宽/窄 厚/薄 远/近 遠/近 受/送 收/发 收/發 借/还 借/還 借/貸 始/終 先/後 城/乡 增/降 攻/守 勝/敗 胜/败
        白天/晚上 白天/夜晚 成功/失败 成功/失敗 赞成/反对 贊成/反對 賛成/反対 免费/付费 免費/付費 已婚/未婚 既婚/未婚
        结婚/离婚 結婚/離婚 开始/结束 開始/結束 開始/終了 房东/房客 房东/租客 房東/房客 城市/农村 丈夫/妻子 午前/午後
        安装/卸载 安裝/卸載 打开/关闭 打開/關閉 圧縮/解凍 加密/解密 暗号/復号 入学/卒業 上传/下载 上傳/下載 上げ/下げ
        増や/減ら から/まで 点/消 夏天/冬天 祖父/祖母 息子/娘 犬/猫
        왼/오른 앞/뒤 앞/뒷 전/후 좌/우 상/하 내/외 국내/해외 대/소 많/적 크/작 큰/작은 높/낮 길/짧 긴/짧은 남/여
        입/출 수입/수출 낮/밤 주간/야간 여름/겨울 봄/가을 부터/까지 올리/내리 늘리/줄이 키우/줄이 켜/끄 켜는/끄는
        사는/파는 성공/실패 찬성/반대 무료/유료 장점/단점 고온/저온 시작/종료 시작/끝 입학/졸업 결혼/이혼 남편/아내
        형/동생 누나/여동생 할아버지/할머니 아버지/어머니 구매자/판매자 집주인/세입자 도시/시골 승진/강등 매수/매도
        설치/삭제 오름차순/내림차순 업로드/다운로드
    """.split()
)
"""Chinese and Japanese by characters, Korean by syllables."""
_WIDE = re.compile("[぀-ヿ㐀-鿿가-힣]")
_THIS, _MY = " this ", re.compile(r"\bmy\b")
MOST = 12
"""Words, or characters of scripts without blanks, that only one side has: with more the rest is not the same."""
AROUND = 3
"""Characters that both have beside what differs and that may belong to a word of the table: 해외, 국내."""
_KINDS = tuple(
    tuple(pair.split("/"))
    for pair in """
        左/右 食前/食後 饭前/饭后 飯前/飯後 午前/午後 上午/下午 国内/国外 國內/國外 最大/最小 最高/最低 婚前/婚后
        产前/产后 入院/退院 暖房/冷房 男性/女性 男生/女生 优点/缺点 長所/短所 奇数/偶数 升序/降序 昇順/降順
        有料/無料 室内/室外 식전/식후 오전/오후 국내/해외 왼손/오른손 왼쪽/오른쪽 왼발/오른발 최대/최소 최고/최저
        남자/여자 남성/여성 여름/겨울 장점/단점 홀수/짝수 무료/유료 실내/실외 오름차순/내림차순 입국/출국
    """.split()
)
"""What a question is about however it is worded. Not what two sides do with each other: who buys from whom sells."""
_PREFIXES = tuple(
    (prefix, pair)
    for pair in "hyper/hypo inter/intra macro/micro endo/exo homo/hetero mono/poly intro/extro".split()
    for prefix in pair.split("/")
)
ASKED = 200
"""Characters of a question; longer texts speak of more than one thing."""
_latin = re.compile(r"[a-z]{6,}").findall
_LONGEST = max(len(each) for pair in _UNSPACED for each in pair)


def contrary(a: Reading, b: Reading) -> bool:
    """Whether two texts differ in one word or sign alone, and one is the contrary of the other, another substance, or
    any of a kind beside this one. Of labelled pairs of which it is so, 323 have different answers and none the same.
    """
    apart = a.surface ^ b.surface
    if len(apart) > MOST:
        return False
    if not a.english and _WIDE.search(a.plain) and _unspaced(a.plain, b.plain):
        return True
    if _pointing(a.plain, b.plain) or _pointing(b.plain, a.plain):
        return True
    if len(apart - _ARTICLES) > 2:
        return False
    mine, yours = ([word for word in TOKEN.findall(text) if word not in _ARTICLES] for text in (a.plain, b.plain))
    if len(mine) != len(yours):
        return False
    unlike = {(one, other) for one, other in zip(mine, yours, strict=True) if one != other}
    return len(unlike) == 1 and facing(*unlike.pop())


def other_kind(a: Reading, b: Reading) -> bool:
    """Whether two short questions, in whatever words, are about things that face each other or about two substances,
    and neither speaks of the other's. Of labelled pairs of which it is so, 26 have different answers and none the same.
    """
    if max(a.length, b.length) > ASKED:
        return False
    mine = _kinds(a.plain)
    yours = _kinds(b.plain) if mine else mine
    return any(mine[kind].isdisjoint(yours[kind]) for kind in mine.keys() & yours.keys())


@remembered
def _kinds(text: str) -> Mapping[str, frozenset[str]]:
    """Of each kind that a text speaks of, which of it. Remembered: a question is compared with all that is near."""
    found: dict[str, set[str]] = {}
    for word in _latin(text):
        for form in (_ORGANIC, _SALTS):
            if parts := form.fullmatch(word):
                found.setdefault(parts[1], set()).add(parts[2].removesuffix("s"))
        for prefix, pair in _PREFIXES:
            if word.startswith(prefix) and len(word) >= len(prefix) + SHORT:
                found.setdefault(f"{pair}-{word[len(prefix) :].removesuffix('s')}", set()).add(prefix)
    if not text.isascii() and _WIDE.search(text):
        for pair in _KINDS:
            if there := {each for each in pair if each in text}:
                found[pair[0]] = there
    return {kind: frozenset(which) for kind, which in found.items()}


def _pointing(a: str, b: str) -> bool:
    """Whether one asks of this thing what the other asks of any such: "How many calories are in this pizza?". Who tells
    of himself may say either: this lump on my neck."""
    return _THIS in a and not _MY.search(a) and b in (a.replace(_THIS, " a ", 1), a.replace(_THIS, " an ", 1))


def facing(a: str, b: str) -> bool:
    """Whether two words are contraries by their parts, or two substances."""
    if (pair := frozenset((a, b))) in _WORDS or (pair in OPPOSITES and pair not in _PARTICLES):
        return True
    if _prefixed(a, b, alike(a[::-1], b[::-1])):
        return True
    return any(
        (one := form.fullmatch(a)) is not None
        and (other := form.fullmatch(b)) is not None
        and one[1] == other[1]
        and one[2].removesuffix("s") != other[2].removesuffix("s")
        for form in (_ORGANIC, _SALTS)
    )


def _prefixed(a: str, b: str, shared: int) -> bool:
    short, long = sorted((a, b), key=len)
    if shared == len(short):
        return shared >= STEM and long not in _ALIKE and long.removesuffix(short) in _NOT
    # What faces may end alike: "hyper" and "over" share "er".
    for end in range(max(SHORT, shared - 3), shared + 1):
        one, other = a[: len(a) - end], b[: len(b) - end]
        if frozenset((one, other)) in _FACING and (end >= STEM or min(len(one), len(other)) >= 5):
            return True
    return False


def _unspaced(a: str, b: str) -> bool:
    """Whether only one place differs, and what stands there, with some of what both have beside it, is in the table."""
    first, end = ends(a, b)
    mine, yours = len(a) - end, len(b) - end
    if max(mine, yours) - first > _LONGEST:
        return False
    return any(
        frozenset((a[first - left : mine + right], b[first - left : yours + right])) in _UNSPACED
        for left in range(min(AROUND, first) + 1)
        for right in range(min(AROUND, end) + 1)
    )
