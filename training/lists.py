"""Word lists from which pairs are made: what can be swapped so that the answer changes, and what so that it does not."""

_GROUPS: dict[str, str] = {
    "country": "France|Germany|Spain|Italy|Japan|China|India|Brazil|Mexico|Canada|Australia|Austria|Poland|Portugal|"
    "Sweden|Switzerland|Norway|Denmark|Finland|Ireland|Greece|Turkey|Egypt|Kenya|Nigeria|Iran|Iraq|Peru|Chile|Argentina|"
    "Vietnam|Thailand|Indonesia|South Korea|North Korea|New Zealand|the UK|the US|Scotland|Wales|England|Slovakia|"
    "Slovenia|Niger|Paraguay|Uruguay|Latvia|Lithuania|Belgium|the Netherlands",
    "city": "Paris|London|Berlin|Madrid|Rome|Lisbon|Vienna|Prague|Warsaw|Budapest|Bucharest|Tokyo|Kyoto|Osaka|Beijing|"
    "Shanghai|Seoul|Delhi|Mumbai|Sydney|Melbourne|New York|Boston|Chicago|Los Angeles|San Francisco|San Diego|Toronto|"
    "Dublin|Edinburgh|Oslo|Stockholm|Munich|Hamburg|Milan|Barcelona|Athens|Istanbul|Cairo|Nairobi",
    "planet": "Mercury|Venus|Mars|Jupiter|Saturn|Neptune|Uranus",
    "element": "iron|copper|zinc|gold|silver|lead|tin|nickel|aluminium|magnesium|calcium|sodium|potassium|helium|neon",
    "food": "rice|pasta|potatoes|tomatoes|carrots|onions|garlic|spinach|chicken|beef|pork|salmon|tuna|eggs|milk|cheese|"
    "butter|bread|beans|lentils|mushrooms|apples|bananas|strawberries|avocado|quinoa|oats|tofu|broccoli|cauliflower",
    "animal": "dog|cat|horse|rabbit|hamster|parrot|goldfish|turtle|snake|cow|goat|sheep|pig|chicken|duck|guinea pig",
    "pets": "dogs|cats|horses|rabbits|hamsters|parrots|goldfish|turtles|snakes|cows|goats|sheep|bees|wolves|foxes",
    "medicine": "ibuprofen|paracetamol|aspirin|naproxen|amoxicillin|penicillin|metformin|insulin|warfarin|lisinopril|"
    "losartan|omeprazole|famotidine|sertraline|fluoxetine|atorvastatin|prednisone|cetirizine|loratadine",
    "illness": "flu|cold|migraine|asthma|diabetes|pneumonia|bronchitis|eczema|psoriasis|anaemia|arthritis|gout|measles",
    "code": "Python|JavaScript|TypeScript|Java|Kotlin|Swift|Go|Rust|C++|C#|Ruby|PHP|Perl|Scala|R|Julia|Haskell|Bash",
    "web": "React|Vue|Angular|Svelte|Django|Flask|FastAPI|Rails|Laravel|Express|Spring Boot|Next.js",
    "store": "PostgreSQL|MySQL|SQLite|MongoDB|Redis|Cassandra|DynamoDB|Oracle|MariaDB|Elasticsearch",
    "library": "pandas|polars|numpy|matplotlib|plotly|seaborn|requests|httpx|PyTorch|TensorFlow|scikit-learn|jQuery",
    "tool": "Docker|Podman|Kubernetes|Terraform|Ansible|Jenkins|nginx|Apache|systemd|git|Mercurial|npm|yarn|pnpm|pip",
    "system": "Windows|macOS|Linux|Ubuntu|Debian|Fedora|Android|iOS|iPadOS",
    "company": "Google|Apple|Microsoft|Amazon|Meta|Netflix|Tesla|Toyota|Ford|BMW|Samsung|Sony|Nintendo|Intel|AMD|IBM",
    "app": "Word|Excel|PowerPoint|Outlook|Gmail|Slack|Teams|Zoom|WhatsApp|Signal|Telegram|Notion|Photoshop|Illustrator",
    "wire": "JSON|XML|YAML|CSV|TOML|HTML|Markdown|SQL",
    "person": "Einstein|Newton|Darwin|Shakespeare|Dickens|Mozart|Beethoven|Bach|Picasso|Monet|Napoleon|Caesar|Lincoln|"
    "Washington|Gandhi|Tolstoy|Kafka|Orwell|Hemingway|Aristotle|Plato|Kant|Nietzsche",
    "given": "Anna|Maria|Peter|John|James|Sarah|Emma|Tom|David|Laura|Julia|Paul|Mark|Lisa|Alice|Bob|Nina|Omar|Priya|Wei",
    "sport": "football|basketball|tennis|golf|rugby|cricket|hockey|baseball|volleyball|badminton|swimming|cycling",
    "tongue": "English|French|German|Spanish|Italian|Portuguese|Dutch|Polish|Russian|Turkish|Arabic|Hindi|Chinese|"
    "Japanese|Korean|Latin|Greek|Swedish",
    "colour": "red|blue|green|yellow|black|white|brown|grey|purple|orange|pink",
    "month": "January|February|March|April|June|July|August|September|October|November|December",
    "day": "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday",
    "time": "yesterday|today|tomorrow",
    "span": "daily|weekly|monthly|quarterly|yearly",
    "season": "spring|summer|autumn|winter",
    "length_unit": "km|miles|metres|meters|feet|inches|cm|mm|yards|kilometres|kilometers",
    "mass_unit": "kg|pounds|grams|ounces|mg|lbs|tonnes|stone",
    "heat_unit": "Celsius|Fahrenheit|Kelvin|°C|°F",
    "volume_unit": "ml|litres|liters|gallons|cups|pints|tablespoons|teaspoons",
    "time_unit": "seconds|minutes|hours|days|weeks|months|years",
    "one_time_unit": "second|minute|hour|day|week|month|year|decade|century",
    "money": "dollars|euros|pounds|yen|USD|EUR|GBP|francs|rupees",
    "byte_unit": "KB|MB|GB|TB|kilobytes|megabytes|gigabytes",
    "size": "sentence|paragraph|page|word|bullet point|line",
    "sizes": "sentences|paragraphs|pages|words|bullet points|lines|stanzas|slides",
    "shape": "table|list|bullet list|paragraph|poem|haiku|essay|email|letter|tweet|blog post|press release|short story|"
    "speech|FAQ|checklist|diagram|dialogue|limerick|report|memo|LinkedIn post|cover letter",
    "tone": "formal|casual|friendly|funny|serious|sarcastic|professional|polite|firm|angry|apologetic|enthusiastic|"
    "neutral|poetic|playful|stern|warm",
    "audience": "children|beginners|experts|students|teachers|doctors|engineers|managers|investors|parents|seniors|"
    "teenagers|lawyers|tourists",
    "reader": "a child|a beginner|an expert|a ten-year-old|a professor|my grandmother|a new hire|a nurse|a lawyer|"
    "a five-year-old|a software engineer|a high school student|a manager",
    "verb": "add|remove|rename|sort|filter|merge|split|copy|move|reverse|count|validate|compress|encrypt|install|update|"
    "upload|download|print|delete|edit|share|export|import|hide|lock|restore",
    "task": "summarise|translate|proofread|shorten|expand|rewrite|simplify|explain|paraphrase|criticise|outline",
    "aspect": "causes|symptoms|effects|benefits|risks|costs|advantages|disadvantages|history|origin|definition|"
    "purpose|side effects|ingredients|alternatives|rules|price|colour|size|weight|age|population|area|capital|currency",
    "kin": "mother|father|sister|brother|son|daughter|wife|husband|aunt|uncle|cousin|grandmother|grandfather",
    "ordinal": "first|second|third|fourth|fifth|last",
    "body": "knee|shoulder|ankle|elbow|wrist|hip|neck|lower back|foot|hand",
    "instrument": "piano|guitar|violin|cello|drums|flute|trumpet|ukulele",
    "modal": "can|should|must|could",
    "quantity": "all|some|most|none|any|each|every|only",
    "de_land": "Deutschland|Frankreich|Spanien|Italien|Österreich|Polen|Schweden|Portugal|Griechenland|Japan",
    "de_zeit": "Sekunden|Minuten|Stunden|Tage|Wochen|Monate|Jahre",
    "de_tag": "Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonntag",
    "de_form": "Tabelle|Liste|E-Mail|Gedicht|Aufsatz|Brief|Stichpunkte",
    "fr_pays": "la France|l'Allemagne|l'Espagne|l'Italie|le Japon|la Pologne|le Portugal|la Suède",
    "fr_temps": "secondes|minutes|heures|jours|semaines|mois|ans",
    "es_pais": "Francia|Alemania|España|Italia|Japón|Polonia|Portugal|Suecia|México|Perú|Chile",
    "es_tiempo": "segundos|minutos|horas|días|semanas|meses|años",
    "zh_city": "北京|上海|广州|东京|巴黎|伦敦|纽约|深圳",
    "ja_city": "東京|大阪|京都|札幌|福岡|名古屋|神戸",
    "zh_time": "分钟|小时|天|个月|年|周",
    "ru_city": "Москва|Москве|Париж|Париже|Лондон|Лондоне|Берлин|Берлине",
}  # fmt: skip
"""Members of one group are things of one kind: swapping one for another asks for another answer."""
GROUPS = {name: members.split("|") for name, members in _GROUPS.items()}

OPPOSITES: list[tuple[str, str]] = [
    tuple(pair.split("/"))  # type: ignore[misc]
    for pair in (
        "increase/decrease|raise/lower|before/after|with/without|start/stop|open/close|enable/disable|install/uninstall|"
        "maximum/minimum|max/min|highest/lowest|largest/smallest|biggest/smallest|best/worst|most/least|more/less|"
        "fastest/slowest|faster/slower|cheapest/most expensive|cheap/expensive|early/late|earlier/later|hot/cold|"
        "indoors/outdoors|inside/outside|upper/lower|left/right|north/south|east/west|advantages/disadvantages|pros/cons|"
        "buy/sell|lend/borrow|accept/reject|accept/decline|include/exclude|including/excluding|allow/forbid|"
        "encrypt/decrypt|encode/decode|compress/decompress|import/export|upload/download|push/pull|send/receive|"
        "login/logout|lock/unlock|mount/unmount|show/hide|expand/collapse|ascending/descending|public/private|"
        "static/dynamic|sync/async|synchronous/asynchronous|local/remote|client/server|input/output|read/write|"
        "safe/dangerous|legal/illegal|possible/impossible|healthy/unhealthy|acid/base|solid/liquid|raw/cooked|"
        "gain/lose|win/lose|win/loss|profit/loss|income/expenses|debit/credit|employer/employee|landlord/tenant|"
        "buyer/seller|teacher/student|doctor/patient|parent/child|lender/borrower|guest/host|driver/passenger|"
        "customer/supplier|plaintiff/defendant|author/reader|man/woman|men/women|boy/girl|male/female|husband/wife|"
        "adult/child|adults/children|first/last|begin/end|beginning/end|always/never|everything/nothing|long/short|"
        "longest/shortest|tall/short|strong/weak|easy/difficult|simple/complex|brief/detailed|short/long|formal/informal|"
        "positive/negative|optimistic/pessimistic|true/false|even/odd|shallow/deep|thick/thin|wet/dry|full/empty|"
        "above/below|over/under|up/down|on/off|into/out of|hire/fire|arrive/leave|arrival/departure|"
        "breakfast/dinner|lunch/dinner|morning/evening|day/night|sunrise/sunset|question/answer|problem/solution|"
        "cause/effect|supply/demand|mother/father|cats/dogs|old/new|oldest/newest|younger/older|married/divorced|"
        "single/married|winter/summer|vertical/horizontal|row/column|rows/columns|prefix/suffix|append/prepend|"
        "encourage/discourage|agree/disagree|prevent/cause|avoid/cause|gain/lose|tighten/loosen|"
        "melt/freeze|boil/freeze|inhale/exhale|lengthen/shorten|shorten/expand|"
        "still/no longer|already/not yet|used/unused|known/unknown|visible/hidden|temporary/permanent|"
        "mandatory/optional|required/optional|free/paid|own/rent|renting/buying|owning/renting|and/or|if/unless|"
        "when/why|how/why|why/when|what/why|who/when|where/when|how many/how much|is/was|are/were|does/did|"
        "my/your|his/her|he/she|at least/at most|at least/exactly|up to/at least|only/also|"
        "mit/ohne|vor/nach|größte/kleinste|erhöhen/senken|öffnen/schließen|kaufen/verkaufen|immer/nie|warum/wie|"
        "avec/sans|avant/après|augmenter/réduire|acheter/vendre|toujours/jamais|pourquoi/comment|"
        "con/sin|antes/después|aumentar/reducir|comprar/vender|siempre/nunca|más/menos|"
        "avanti/indietro|prima/dopo|meglio/peggio|com/sem|depois/antes|met/zonder|voor/na|с/без|до/после|"
        "增加/减少|之前/之后|最大/最小|以前/以後|前に/後に|增/减"
    ).split("|")
]

ADDED: list[str] = [
    "Answer in {tongue}.", "Reply in {tongue} only.", "Keep it under {n} words.", "Use at most {n} sentences.",
    "Give {n} examples.", "Give me {n} of them.", "Explain it to {reader}.", "Write it for {audience}.",
    "Use a {tone} tone.", "Put it in a table.", "As {wire}, please.", "Format it as {wire}.", "No code, just the idea.",
    "Include the sources.", "Do it without any library.", "Show every step.", "Only the final result.",
    "Also list the drawbacks.", "Add a short example.", "Skip the introduction.", "Do not mention the price.",
    "Assume I am on {system}.", "It has to work in {code}.", "I am {reader}.", "Only for {country}.",
    "What if it is {season}?", "And how much does it cost?", "Also tell me why.", "And what are the risks?",
    "Compare it with the usual alternative.", "Make it rhyme.", "Leave out the dates.", "Use only {tongue} sources.",
    "Start with the conclusion.", "End with a question.", "Write it in the first person.", "Use British spelling.",
    "Without {food}.", "For {n} people.", "In {time_unit}, not anything else.", "I have already tried restarting it.",
    "Answer yes or no.", "Explain your reasoning.", "Mention {person}.", "Sort by {aspect}.", "Before {month}.",
    "Antworte auf Englisch.", "Höchstens {n} Wörter.", "Mit einem Beispiel.", "Ohne Fachbegriffe.",
    "Réponds en anglais.", "En {n} mots maximum.", "Avec un exemple.", "Responde en inglés.", "En menos de {n} palabras.",
    "Con un ejemplo.", "Rispondi in inglese.", "Con un esempio.", "Responda em inglês.", "Met een voorbeeld.",
    "用英语回答。", "请举一个例子。", "英語で答えて。", "例を挙げて。", "Ответь на английском.", "С примером.",
]  # fmt: skip
"""A demand that a text may gain or lose; the names in braces are groups."""

TAILS: list[str] = [
    "in {code}", "in {tongue}", "on {system}", "in {country}", "for {reader}", "for {audience}", "as a {shape}",
    "in {n} words", "in {n} {sizes}", "without {food}", "for my {kin}", "in the {season}", "on a {day}", "by {month}",
    "with an example", "step by step", "without a loop", "in a {tone} tone", "using {store}", "with {web}", "at night",
    "when it rains", "if I am pregnant", "on a budget", "with kids", "without internet", "for beginners", "after an update",
    "at high altitude", "in one line", "from scratch", "without admin rights", "when travelling", "in 2019", "in the 1990s",
    "under {n} dollars", "in less than {n} minutes", "for a {animal}", "during an exam", "for the second time",
]  # fmt: skip

BEFORE = [
    "please ", "Please ", "hi, ", "Hi! ", "Hello, ", "hey, ", "Could you tell me: ", "quick question: ", "Quick one, ",
    "so ", "ok so ", "Hey there. ", "I was wondering, ", "just curious, ", "Excuse me, ", "sorry if this is basic, but ",
    "I'd like to know: ", "Question: ", "Can you help me with this? ", "I need some help. ", "um, ", "Q: ", "Good morning! ",
    "Dear assistant, ", "yo ", "Help: ", "Good evening, ", "I have a question. ", "need help: ", "Bonjour, ", "Bonjour ! ",
    "Hallo, ", "Guten Tag, ", "Hola, ", "Ciao, ", "Olá, ", "Hoi, ", "Cześć, ", "Привет, ", "你好，", "请问，", "すみません、",
]  # fmt: skip
AFTER = [
    " please", " thanks", " Thanks!", " Thank you.", " thx", " Thanks in advance!", " pls", " Please help.", " :)",
    " Any help appreciated.", " Cheers", " Thank you so much", " ty", " I'd be grateful.", " Thanks a lot!", " Can you help?",
    " Appreciate it.", " lol", "??", "!", "...", " Many thanks.", " Would be great to know.", " Danke!", " Vielen Dank.",
    " Merci !", " Merci d'avance.", " Gracias.", " Grazie!", " Obrigado.", " Dank je wel.", " Спасибо!", " 谢谢", " ありがとう",
]  # fmt: skip

SAME: list[tuple[str, ...]] = [
    tuple(group.split("/"))
    for group in (
        "big/large|quick/fast|quickly/fast|begin/start|buy/purchase|help/assist|fix/repair|picture/photo/image|"
        "movie/film|kids/children|job/work|car/automobile|doctor/physician|make/create|get/obtain|show/display|"
        "find/locate|need/require|use/utilize|mistake/error|delete/remove|erase/delete|choose/pick/select|smart/clever|"
        "difference/distinction|method/way|approximately/roughly/about|approx./about|maximum/max|minimum/min|"
        "information/info|application/app|database/db|documentation/docs|function/func|directory/folder|"
        "JavaScript/JS|TypeScript/TS|PostgreSQL/Postgres|Kubernetes/k8s|repository/repo|parameter/param|"
        "configuration/config|environment/env|for example/e.g.|that is/i.e.|and so on/etc.|versus/vs|"
        "email/e-mail|website/site/web page|telephone/phone|refrigerator/fridge|television/TV|advertisement/ad|"
        "laboratory/lab|examination/exam|mathematics/maths|vegetables/veggies|temperature/temp|"
        "United States/US/USA|United Kingdom/UK|New York City/NYC|European Union/EU|World War II/WW2/the Second World War|"
        "artificial intelligence/AI|machine learning/ML|World Health Organization/WHO|blood pressure/BP|"
        "colour/color|flavour/flavor|centre/center|metre/meter|metres/meters|litre/liter|litres/liters|organise/organize|"
        "summarise/summarize|analyse/analyze|favourite/favorite|behaviour/behavior|grey/gray|programme/program|"
        "licence/license|travelling/traveling|recognise/recognize|optimise/optimize|"
        "flat/apartment|lift/elevator|petrol/gasoline|holiday/vacation|lorry/truck|autumn/fall|aubergine/eggplant|"
        "courgette/zucchini|rubbish/trash/garbage|nappy/diaper|football/soccer|mobile phone/cell phone|"
        "tell me/let me know|explain/describe|write/draft/compose|give me/provide/list|causes/reasons for|"
        "happen/occur|stop/halt|end/finish|answer/reply|ask/inquire|important/essential|necessary/required|"
        "hard/difficult|simple/easy|cheap/inexpensive|sick/ill|scared/afraid|whole/entire|often/frequently|"
        "nearly/almost|maybe/perhaps|also/too|but/however|because/since|so that/in order that|to/in order to|"
        "kg/kilograms|km/kilometres|cm/centimetres|lbs/pounds|hrs/hours|mins/minutes|secs/seconds|%/ percent|"
        "percent/per cent|°C/degrees Celsius|°F/degrees Fahrenheit|mph/miles per hour|&/and|w/o/without|"
        "machen/tun|schnell/rasch|beginnen/anfangen|Handy/Mobiltelefon|z. B./zum Beispiel|"
        "portable/téléphone|rapidement/vite|commencer/débuter|coche/carro|empezar/comenzar|rápido/rápidamente"
    ).split("|")
]

CONTRACTIONS = {
    "what is": "what's", "how is": "how's", "where is": "where's", "who is": "who's", "that is": "that's",
    "it is": "it's", "do not": "don't", "does not": "doesn't", "did not": "didn't", "is not": "isn't",
    "are not": "aren't", "was not": "wasn't", "cannot": "can't", "could not": "couldn't", "should not": "shouldn't",
    "will not": "won't", "would not": "wouldn't", "i am": "i'm", "i have": "i've", "i would": "i'd", "you are": "you're",
    "we are": "we're", "they are": "they're", "let us": "let's", "going to": "gonna", "want to": "wanna",
}  # fmt: skip

NUMBERS = dict(enumerate("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
                         "sixteen seventeen eighteen nineteen twenty".split()))  # fmt: skip

FRAMES: list[tuple[str, list[str]]] = [
    (r"how (?:do|can|would|should) (?:i|you|we) (.+?)\??", [
        "how to {0}", "How to {0}?", "Tell me how to {0}.", "Explain how to {0}", "Show me how to {0}.", "I want to {0}. How?",
        "What's the way to {0}?", "steps to {0}", "I'm trying to {0}, how do I do it?", "How does one {0}?",
        "Is there a way to {0}? How?", "I need to {0}", "what do I do to {0}", "How would one go about it if they want to {0}?",
    ]),
    (r"what(?:'s| is) the (.+?)\??", [
        "the {0}?", "Tell me the {0}.", "{0}", "{0}?", "Give me the {0}.", "I'd like to know the {0}.", "whats the {0}",
        "Can you tell me what the {0} is?", "Do you know the {0}?", "Name the {0}.", "Which is the {0}?",
    ]),
    (r"what (is|are) (.+?)\??", [
        "Tell me what {1} {0}.", "{1}: what {0} it?", "Can you tell me what {1} {0}?", "Explain what {1} {0}.",
        "I'd like to know what {1} {0}",
    ]),
    (r"(write|draft|create|make|generate|give|list|show|explain|describe|summari[sz]e|translate|compare|convert|find|"
     r"suggest|plan|rewrite|compose|design|outline|calculate|fix|proofread|edit)\b (.+)", [
        "Can you {0} {1}", "Could you please {0} {1}", "I need you to {0} {1}", "I'd like you to {0} {1}", "pls {0} {1}",
        "Your task: {0} {1}", "I want you to {0} {1}", "Would you {0} {1}", "Help me {0} {1}", "Go ahead and {0} {1}",
    ]),
    (r"(?:can|could|would|will) you (?:please )?(.+?)\??", ["{0}", "Please {0}.", "I'd like you to {0}", "{0}, please"]),
    (r"(can|should|may|must|could) (i|you|we) (.+?)\??", [
        "Tell me whether {1} {0} {2}.", "I wonder if {1} {0} {2}", "Is it the case that {1} {0} {2}?",
    ]),
    (r"(why|when|where|how long|how many|how much|how often|who) (.+?)\??", [
        "{0} {1}", "Tell me: {0} {1}?", "Do you know {0} {1}", "I wonder: {0} {1}?", "{0} {1}, do you know?",
    ]),
    (r"(is|are|was|does|do|did) (.+?)\??", ["Tell me: {0} {1}?", "{0} {1}", "Do you know, {0} {1}?", "I wonder: {0} {1}"]),
    (r"in ([\w+#. ]{2,24}), (.+?)([.?!]?)", ["{1} in {0}{2}", "{1}, in {0}{2}"]),
    (r"(.{12,}?),? in (python|javascript|java|rust|go|excel|sql|bash|german|french|spanish|italian)([.?!]?)", [
        "in {1}, {0}{2}", "{1}: {0}{2}", "Using {1}, {0}{2}",
    ]),
]  # fmt: skip
"""(pattern of the whole text, other ways to say it); only for texts of one line."""
