"""Word lists by which two questions are told apart. Data; English first, other languages where a list is sure.

A word that stands in no list counts as content, so that what is unknown here separates rather than joins.
"""

from .spelt import SPELT


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _groups(text: str) -> dict[str, str]:
    """Lines of words that mean the same; each maps to the line's first."""
    return {word: line.split()[0] for line in text.strip().splitlines() for word in line.split()[1:]}


NUMBERS: dict[str, str] = {
    word: line.split()[0]
    for line in """
    0 zero null
    1 one
    2 two zwei deux dos due dois twee два две dwa iki pair couple
    3 three drei trois tres tre três drie три trzy üç तीन ثلاث ثلاثة
    4 four vier quatre cuatro quattro quatro четыре cztery dört चार أربع أربعة
    5 five fünf cinq cinco cinque vijf пять pięć beş पांच पाँच خمس خمسة
    6 six sechs seis sei zes шесть sześć altı छह छः ست ستة
    7 seven sieben sept siete sette sete zeven семь siedem yedi सात سبع سبعة
    8 eight acht huit ocho otto oito восемь osiem sekiz आठ ثماني ثمانية
    9 nine neun neuf nueve nove negen девять dziewięć dokuz नौ تسع تسعة
    10 ten zehn dix diez dieci dez tien десять dziesięć दस عشر عشرة
    11 eleven elf onze once undici
    12 twelve zwölf douze doce dodici dozen
    13 thirteen
    14 fourteen
    15 fifteen
    16 sixteen
    17 seventeen
    18 eighteen
    19 nineteen
    20 twenty zwanzig vingt veinte venti vinte yirmi बीस عشرون عشرين
    30 thirty otuz तीस ثلاثون ثلاثين
    40 forty kırk चालीस أربعون أربعين
    50 fifty elli पचास خمسون خمسين
    60 sixty altmış साठ ستون ستين
    70 seventy yetmiş सत्तर سبعون سبعين
    80 eighty seksen अस्सी ثمانون ثمانين
    90 ninety doksan नब्बे تسعون تسعين
    100 hundred yüz सौ مئة مائة
    1000 thousand
    1000000 million
    1000000000 billion
    1/2 half
    1/4 quarter
    x2 double twice
    x3 triple
    #1 first
    #2 second
    #3 third
    #4 fourth
    #5 fifth
    #6 sixth
    #7 seventh
    #8 eighth
    #9 ninth
    #10 tenth
    """.strip().splitlines()
    for word in line.split()[1:]
} | {word: str(number) for word, number in SPELT.items()}

UNSURE = _words("seize quince sexton trece due once elf dos sept sei neuf acht dix yüz altı yedi kırk pazar")
"""Words above and below that are others as well: seize the day; due to him, once he came; a new sofa; a market."""

PHRASES: tuple[tuple[str, str], ...] = (
    # Ways to ask, in one spelling. Longest first within a family; applied to lower-case text.
    (r"n['’]t\b", " not"),
    (r"\bcannot\b", "can not"),
    (r"\b(what|who|where|how|when|why|that|it|he|she|there|here)['’]s\b", r"\1 is"),
    (r"\b(i|you|we|they)['’](?:ve|re|m|ll|d)\b", r"\1"),
    (r"\b(hi|hello|hey|dear)( there| all| everyone| team)?\s*[,!.]", " "),
    (r"\b(thanks|thank you|many thanks|thx)( so much| a lot| in advance| very much)?\s*[.!]*\s*$", " "),
    (r"\bhow (?:do|would|can) (?:you|i|we|one) say\b", " translate "),
    (r"\b(could|can|would|will) (you|u) (please |kindly |possibly )?", " "),
    (r"\bi(?: would|['’]d)? (?:like|love|want|need) to (?:know|learn|find out|understand|ask)\b", " "),
    (r"\b(?:do|does) (?:you|anyone|anybody|someone) know\b", " "),
    (r"\bi(?: was| am|['’]m)? wondering (?:if|whether)?\b", " "),
    (r"\b(?:tell|show|teach|remind) me (?:about )?", " "),
    (r"\bgive me\b|\blet me know\b", " "),
    (
        r"\b(?:what is|what are|is there|are there) (?:the |a |an |any "
        r")?(?:best |easiest |right |proper |correct )?ways? (?:to|of)\b",
        " how ",
    ),
    (
        r"\bhow (?:do|can|could|would|should|does) (?:i|you|we|one|someone|a person)(?: go about)?\b"
        r"|\bhow to\b",
        " how ",
    ),
    (r"\bis it possible(?: for me)? to\b|\bam i able to\b|\bcan i\b", " can "),
    (r"\bsteps (?:to|for)\b|\bways? to\b", " how "),
    (r"\bfor what reasons?\b|\bwhat is the reason(?: for| why)?\b|\bhow come\b|\bwhat causes\b", " why "),
    (
        r"\b(?:in|at) (?:what|which) (?:year|time|date)\b|\bwhat (?:year|time|date)\b"
        r"|\bon (?:what|which) (?:day|date)\b",
        " when ",
    ),
    (r"\bhow many people live in\b|\bhow many inhabitants\b", " population of "),
    (r"\bhow tall\b|\bhow high\b", " height of "),
    (r"\bhow far\b", " distance "),
    (r"\bhow old\b", " age "),
    (r"\bhow long\b", " duration "),
    (r"\bhow (?:big|large)\b", " size "),
    (r"\bhow deep\b", " depth "),
    (r"\bhow heavy\b|\bhow much (?:does|do) (.{1,40}) weigh\b", r" weight \1 "),
    (r"\bhow much (?:does|do|is|are) (.{1,40}) cost\b", r" price \1 "),
    (r"\bcapital city\b", "capital"),
    (r"\b(?:what|which) (?:city|country|person|planet|word) is\b", " what is "),
    (r"\bwho (?:is|was) the author of\b", " who wrote "),
    (r"\bwho (?:is|was) the inventor of\b", " who invented "),
    (r"\bquick question\b", " "),
    (r"^\s*define\b", " "),
    (r"\bwhat (?:does|do|is|are) (.{1,60}?) (?:mean|stand for)\b", r" meaning \1 "),
    (r"\bwhat is meant by\b|\bthe meaning of\b|\bmeaning of\b|\bdefinition of\b", " meaning "),
    (r"\bone (\w+) at a time\b", r"\1 by \1"),
    (r"\bwith the help of\b|\bby means of\b|\busing\b", " with "),
    (r"\bin order to\b|\bso as to\b", " to "),
    (r"\bscience fiction\b|\bsci[- ]fi\b", "scifi"),
    (r"\bunited states(?: of america)?\b|\bu\.s\.(?:a\.)?", "usa"),
    (r"\bunited kingdom\b|\bu\.k\.", "uk"),
    (r"\bmt\.", "mount"),
    (r"\bdegrees? (celsius|fahrenheit|centigrade)\b", r"\1"),
    (r"°\s?c\b", " celsius"),
    (r"°\s?f\b", " fahrenheit"),
    (r"\bjs\b", "javascript"),
    (r"\bcommand line\b", "cli"),
)

STOP = _words(
    # English: words that carry grammar, and words of asking that add nothing.
    """a an the this that these those is are be am been being do does it its there here of to in on at for by as and
    i me we us you your one ones so then just please kindly what which who whom whose also too very really actually
    ok okay well maybe perhaps question want need like know tell give explain describe list name state
    show provide help answer advise suggest recommend let get got have has having my our
    was were did will going would had being
    possible simply basically exactly precisely anyway currently about some any
    der die das den dem des ein eine einen einem einer ist sind und zu im in von für auf mit man ich mir mich wir bitte
    teh waht wat abt w pls plz u ur im whats hows wats wich
    es le la les un une des du de et est sont au aux en dans pour sur je nous s'il vous plaît merci ce cette il elle on
    el los las una unos unas del es son y al para por favor se me lo
    il lo gli uno di e sono che per con si mi
    o os as um uma do da dos das é são no na nos nas em
    het een van en op te voor met ik mij we is zijn je
    и в на с по для это как мне"""
)

WEAK = _words(
    """
    way thing stuff good great nice common basic simple proper correct useful idea tip advice detail info
    information kind type sort example guide instruction step process approach happen try look find up down out use
    make between
    """
)
"""Content that says little: unmatched on one side alone, it does not tell two questions apart by rule."""

SYNONYMS: dict[str, str] = _groups(
    """
    big large huge
    begin start commence
    buy purchase
    fix repair solve resolve
    error bug
    quick fast rapid quickly rapidly speedy
    car automobile
    movie film
    doctor physician
    kid child children kids
    dad father
    mom mother mum
    present gift
    create make build construct generate compose produce draft craft write
    delete remove erase
    choose pick select
    difference differ distinction different distinguish
    advantage benefit pro upside
    disadvantage drawback con downside
    illness disease sickness
    begin start
    autumn fall
    film movie
    photo picture image photograph
    job occupation
    salary pay wage
    house home
    phone telephone
    tv television
    author writer
    invent invention inventor
    discover discovery discoverer
    happen occur
    need require
    allow permit
    stop halt quit
    terminate exit
    correct fix
    folder directory
    sum total
    figure chart graph
    vacation holiday
    lawyer attorney solicitor
    flu influenza
    loose lose
    novel book
    shop store
    usd dollar dollars $
    eur euro euros €
    gbp pound pounds £
    yen jpy ¥
    percent % percentage
    kilometer km kilometre kilometers kilometres
    meter metre meters metres
    centimeter cm centimetre centimeters centimetres
    millimeter mm millimetre
    mile miles mi
    kilogram kg kilo kilos kilograms
    gram grams gramme
    pound-mass lbs lb
    ounce oz ounces
    liter litre liters litres
    celsius centigrade
    hour hr hrs hours h
    minute min mins minutes
    second-time sec secs seconds
    postgresql postgres
    kubernetes k8s
    javascript ecmascript
    typescript ts
    python py python3
    database db
    repository repo
    application app
    configuration config
    environment env
    documentation docs
    administrator admin
    authentication auth
    information info
    uk britain gb
    usa us america
    mount mountain
    """
)

IRREGULAR: dict[str, str] = {
    pair.partition(":")[0]: pair.partition(":")[2]
    for pair in _words(
        """
        wrote:write written:write ran:run made:make went:go gone:go bought:buy built:build found:find lost:lose
        losing:lose men:man women:woman mice:mouse feet:foot teeth:tooth dying:die lying:lie children:child
        people:person better:better best:best drove:drive driven:drive ate:eat eaten:eat broke:break
        broken:break spoke:speak spoken:speak stole:steal stolen:steal taken:take given:give data:data css:css
        https:https ftps:ftps ldaps:ldaps imaps:imaps smtps:smtps
        dns:dns aws:aws ios:ios js:js news:news series:series species:species
        always:always bus:bus gas:gas this:this was:was has:has
        bearing:bearing bearings:bearing bedding:bedding boxing:boxing caring:care clothes:clothes clothing:clothes
        coating:coating coatings:coating dressing:dressing dressings:dressing earring:earring earrings:earring
        evening:evening evenings:evening housing:housing scare:scare scaring:scare shingles:shingles
        stare:stare staring:stare stocking:stocking stockings:stocking wedding:wedding weddings:wedding
        """
    )
}

# Closed classes. Two questions must name the same members of each.
CLASSES: dict[str, frozenset[str]] = {
    "negation": _words(
        """
    not no never none nothing nobody neither nor cant dont wont isnt without nicht kein keine keinen keiner nie ohne
    ne pas jamais sans aucun aucune nunca sin ningún ninguna senza mai não sem nenhum niet geen nooit zonder не нет
    без никогда nie bez değil
    """
    ),
    "quantifier": _words(
        """
    all every each most many few several both either only least maximum minimum max min more less fewer enough
    almost always often sometimes rarely usually single entire whole half top alle jeder jede jedes nur meisten
    wenige mehr weniger tous toutes chaque seulement plus moins todos todas cada solo más menos tutti tutte ogni più
    meno todos apenas mais alleen meer minder все только больше меньше
    """
    ),
    "modality": _words(
        """
    can could may might must should shall ought have-to need-to allowed permitted legal illegal safe unsafe required
    mandatory optional forbidden recommended advisable muss müssen soll sollte darf dürfen kann können doit dois
    faut peut peux puis debe debo puede puedo deve devo può posso pode moet mag kan должен можно нужно нельзя
    """
    ),
    "time": _words(
        """
    today tomorrow yesterday tonight now latest newest current upcoming next last previous past future before after
    during until since while ago weekly daily monthly yearly annually heute morgen gestern vor nach aujourd'hui
    demain hier avant après hoy mañana ayer antes después oggi domani ieri prima dopo hoje amanhã ontem depois
    vandaag morgen gisteren voor na сегодня завтра вчера до после january february march april june july august
    september october november december monday tuesday wednesday thursday friday saturday sunday spring summer
    winter pazartesi salı çarşamba perşembe cuma cumartesi pazar सोमवार मंगलवार बुधवार गुरुवार शुक्रवार शनिवार रविवार
    """
    ),
    "relation": _words(
        """
    under over above below among against via through inside outside behind beside within beyond across off than oder
    или veya unlike versus vs if unless because except excluding including but instead although though despite
    whether or rather
    """
    ),
    "language": _words(
        """
    english german french spanish portuguese italian dutch russian chinese mandarin cantonese japanese korean arabic
    hindi turkish polish swedish norwegian danish finnish greek hebrew latin thai vietnamese ukrainian czech
    hungarian romanian bengali urdu persian swahili indonesian deutsch englisch französisch spanisch anglais
    allemand français espagnol inglés alemán francés español
    """
    ),
    "programming": _words(
        """
    python java javascript typescript rust go golang c c++ c# ruby php swift kotlin scala perl r julia matlab sql
    mysql postgresql sqlite mongodb redis bash powershell zsh html css react angular vue svelte django flask fastapi
    rails spring node node.js deno bun docker kubernetes podman aws azure gcp linux windows macos android ios ubuntu
    debian git mercurial npm yarn pnpm pip conda numpy pandas polars pytorch tensorflow excel json csv xml yaml toml
    """
    ),
    "unit": _words(
        """
    kilometer meter centimeter millimeter mile yard foot feet inch kilogram gram ounce pound-mass ton liter
    milliliter gallon cup celsius fahrenheit kelvin percent hour minute second-time day week month year decade
    century usd eur gbp yen rupee yuan franc byte kilobyte megabyte gigabyte kb mb gb tb watt volt ampere joule
    calorie
    """
    ),
    "format": _words(
        """
    table bullet bullets paragraph sentence sentences page markdown essay poem haiku email letter tweet short
    shorter brief briefly longer detailed concise formal informal casual friendly humorous beginner beginners expert
    experts advanced layman adult adults teenager teenagers child student students summary summarize translate
    rewrite shorten outline pseudocode diagram json
    """
    ),
    "person": _words("his her their he she they him them mein dein sein ihr ihre mon ton son ma ta sa mi tu su"),
    "compass": _words("north south east west northern southern eastern western left right upper lower"),
}

QUESTIONS: dict[str, str] = {
    word: kind
    for kind, words in {
        "how": "how wie comment cómo como come hoe как jak nasıl",
        "why": "why warum wieso pourquoi perché porque waarom почему dlaczego neden",
        "when": "when wann quand cuándo quando wanneer когда kiedy",
        "where": "where wo où dónde dove onde waar где gdzie nerede",
        "who": "who wer qui quién chi quem wie-nl кто kto kim",
    }.items()
    for word in words.split()
}

TENSES: dict[str, str] = {
    **dict.fromkeys(("was", "were", "did"), "past"),
    **dict.fromkeys(("is", "are", "do", "does"), "present"),
    **dict.fromkeys(("will", "going"), "future"),
}
FOREIGN = _words(
    """
    der die das den dem ein eine einen ist sind nicht und wie warum ich le les une des du est sont pas je dans pour
    el los las una unos del es son y il gli di che os um uma da dos é het een van zijn ik bir ve nie się czy jak
    """
)
"""Words of grammar that English lacks: a text with one of them is not compared by English rules."""

CONNECTORS = _words("to into from in than before after by for as per with on of over under at against -> →")
"""Words whose two sides must not be swapped."""
JOINERS = _words("and or vs versus , / & und oder et ou y o e и")
"""Words whose two sides may be."""
