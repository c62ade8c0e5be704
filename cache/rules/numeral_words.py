"""The words of `numerals`. A row is a number and its forms; `+` stands before endings that a form takes or not."""

from collections.abc import Iterator

PLAIN: dict[str, str] = {
    "en": "1 one\n2 two\n3 three\n4 four\n5 five\n6 six\n7 seven\n8 eight\n9 nine\n10 ten\n11 eleven\n12 twelve"
    "\n100 hundred\n1000 thousand\n1000000 million",
    "de": "1 ein+e+en+em+er+s\n2 zwei+en\n3 drei+en\n4 vier+en\n5 fünf\n6 sechs\n7 sieben\n8 acht\n9 neun\n10 zehn"
    "\n11 elf\n12 zwölf\n100 hundert\n1000 tausend",
    "nl": "1 een één\n2 twee\n3 drie\n4 vier\n5 vijf\n6 zes\n7 zeven\n8 acht\n9 negen\n10 tien\n11 elf\n12 twaalf"
    "\n100 honderd\n1000 duizend",
    "fr": "1 un+e\n2 deux\n3 trois\n4 quatre\n5 cinq\n6 six\n7 sept\n8 huit\n9 neuf\n10 dix\n11 onze\n12 douze"
    "\n100 cent\n1000 mille",
    "es": "1 un+o+a\n2 dos\n3 tres\n4 cuatro\n5 cinco\n6 seis\n7 siete\n8 ocho\n9 nueve\n10 diez\n11 once\n12 doce"
    "\n100 cien\n1000 mil",
    "pt": "1 um+a\n2 dois duas\n3 três\n4 quatro\n5 cinco\n6 seis\n7 sete\n8 oito\n9 nove\n10 dez\n11 onze\n12 doze"
    "\n100 cem\n1000 mil",
    "it": "1 un+o+a\n2 due\n3 tre\n4 quattro\n5 cinque\n6 sei\n7 sette\n8 otto\n9 nove\n10 dieci\n11 undici"
    "\n12 dodici"
    "\n100 cento\n1000 mille",
    "ca": "1 un+a\n2 dos dues\n3 tres\n4 quatre\n5 cinc\n6 sis\n7 set\n8 vuit\n9 nou\n10 deu\n11 onze\n12 dotze"
    "\n13 tretze\n14 catorze\n15 quinze\n16 setze\n17 disset\n18 divuit\n19 dinou\n20 vint\n100 cent\n1000 mil",
    "ro": "1 un+a+u o\n2 doi două\n3 trei\n4 patru\n5 cinci\n6 șase\n7 șapte\n8 opt\n9 nouă\n10 zece\n11 unsprezece"
    "\n12 doisprezece douăsprezece\n13 treisprezece\n14 paisprezece\n15 cincisprezece\n16 șaisprezece"
    "\n17 șaptesprezece"
    "\n18 optsprezece\n19 nouăsprezece\n20 douăzeci\n30 treizeci\n40 patruzeci\n50 cincizeci\n60 șaizeci"
    "\n70 șaptezeci\n80 optzeci\n90 nouăzeci\n100 sută sute\n1000 mie mii",
    "sv": "1 en ett\n2 två\n3 tre\n4 fyra\n5 fem\n6 sex\n7 sju\n8 åtta\n9 nio\n10 tio\n11 elva\n12 tolv\n100 hundra"
    "\n1000 tusen",
    "da": "1 en et\n2 to\n3 tre\n4 fire\n5 fem\n6 seks\n7 syv\n8 otte\n9 ni\n10 ti\n11 elleve\n12 tolv\n13 tretten"
    "\n14 fjorten\n15 femten\n16 seksten\n17 sytten\n18 atten\n19 nitten\n20 tyve\n30 tredive\n40 fyrre\n50 halvtreds"
    "\n60 tres\n70 halvfjerds\n80 firs\n90 halvfems\n100 hundrede\n1000 tusind",
    "no": "1 en et ett ei\n2 to\n3 tre\n4 fire\n5 fem\n6 seks\n7 sju syv\n8 åtte\n9 ni\n10 ti\n11 elleve\n12 tolv"
    "\n13 tretten\n14 fjorten\n15 femten\n16 seksten\n17 sytten\n18 atten\n19 nitten\n20 tjue\n30 tretti\n40 førti"
    "\n50 femti\n60 seksti\n70 sytti\n80 åtti\n90 nitti\n100 hundre\n1000 tusen",
    "is": "1 einn ein+a eitt\n2 tveir tvær tvö\n3 þrír þrjár þrjú\n4 fjórir fjórar fjögur\n5 fimm\n6 sex\n7 sjö"
    "\n8 átta\n9 níu\n10 tíu\n11 ellefu\n12 tólf\n13 þrettán\n14 fjórtán\n15 fimmtán\n16 sextán\n17 sautján\n18 átján"
    "\n19 nítján\n20 tuttugu\n30 þrjátíu\n40 fjörutíu\n50 fimmtíu\n100 hundrað\n1000 þúsund",
    "cs": "1 jed+en jedn+a+o+u+oho+é+ím\n2 dva dv+ě+ou+ěma\n3 tř+i+í+em+emi\n4 čtyř+i+em+mi\n5 pět+i\n6 šest+i"
    "\n7 sedm+i"
    "\n8 osm+i\n9 devět devíti\n10 deset+i\n11 jedenáct+i\n12 dvanáct+i\n13 třináct+i\n14 čtrnáct+i\n15 patnáct+i"
    "\n16 šestnáct+i\n17 sedmnáct+i\n18 osmnáct+i\n19 devatenáct+i\n20 dvacet+i\n30 třicet+i\n40 čtyřicet+i"
    "\n50 padesát+i\n60 šedesát+i\n70 sedmdesát+i\n80 osmdesát+i\n90 devadesát+i\n100 sto\n1000 tisíc+e",
    "sk": "1 jeden jedn+a+o+u+ého+ej+ým\n2 dv+a+e+och+om+oma+aja\n3 tri tro+ch+m+mi traja\n4 štyr+i+och+om+mi"
    "\n5 päť piati+ch+m\n6 šesť šiesti+ch+m\n7 sedem siedmi+ch+m\n8 osem ôsmi+ch+m\n9 deväť deviati+ch+m"
    "\n10 desať desiati+ch+m\n11 jedenásť jedenástich\n12 dvanásť dvanástich\n13 trinásť trinástich"
    "\n14 štrnásť štrnástich\n15 pätnásť pätnástich\n16 šestnásť\n17 sedemnásť\n18 osemnásť\n19 devätnásť\n20 dvadsať"
    " dvadsiatich\n30 tridsať\n40 štyridsať\n50 päťdesiat\n60 šesťdesiat\n70 sedemdesiat\n80 osemdesiat"
    "\n90 deväťdesiat"
    "\n100 sto\n1000 tisíc",
    "pl": "1 jeden jedn+a+o+ą+ego+ej+ym\n2 dw+a+ie+óch+u+om+oma+iema+aj\n3 trz+y+ech+em+ema+ej"
    "\n4 czter+y+ech+em+ema+ej"
    "\n5 pięć pięciu\n6 sześć sześciu\n7 siedem siedmiu\n8 osiem ośmiu\n9 dziewięć dziewięciu\n10 dziesięć dziesięciu"
    "\n11 jedenaście jedenastu\n12 dwanaście dwunastu\n13 trzynastu\n14 czternastu\n15 piętnastu\n16 szesnastu"
    "\n17 siedemnastu\n18 osiemnastu\n19 dziewiętnastu\n20 dwudziestu\n30 trzydziestu\n40 czterdziestu"
    "\n50 pięćdziesięciu\n100 sto stu\n1000 tysiąc tysiące tysięcy",
    "ru": "1 один одн+а+о+у+ого+ой+им+ом\n2 дв+а+е+ух+ум+умя+ое+оих\n3 тр+и+ех+ем+емя+ое+оих\n4 четыр+е+ех+ем+ьмя"
    "\n5 пят+ь+и+ью\n6 шест+ь+и+ью\n7 сем+ь+и+ью\n8 восемь восьми\n9 девят+ь+и+ью\n10 десят+ь+и+ью\n11 одиннадцат+ь+и"
    "\n12 двенадцат+ь+и\n100 сто ста\n200 двести\n300 триста\n500 пятьсот\n1000 тысяч+а+и+у\n1000000 миллион+а+ов",
    "uk": "1 один одн+а+е+у+ого+ієї+ій+им\n2 дв+а+і+ох+ом+ома+оє\n3 тр+и+ьох+ьом+ьома+оє\n4 чотир+и+ьох+ьом+ма"
    "\n5 п'ят+ь+и+ьох\n6 шість шести шістьох\n7 сім семи сімох\n8 вісім восьми\n9 дев'ят+ь+и+ьох\n10 десят+ь+и+ьох"
    "\n11 одинадцят+ь+и\n12 дванадцят+ь+и\n13 тринадцяти\n14 чотирнадцяти\n15 п'ятнадцяти\n16 шістнадцяти"
    "\n17 сімнадцяти\n18 вісімнадцяти\n19 дев'ятнадцяти\n20 двадцяти\n30 тридцяти\n100 сто ста\n1000 тисяч+а+і+у",
    "bg": "1 един една едно\n2 два две двама двата двете\n3 три трима трите\n4 четири\n5 пет\n6 шест\n7 седем\n8 осем"
    "\n9 девет\n10 десет\n11 единадесет единайсет\n12 дванадесет дванайсет\n13 тринадесет тринайсет\n14 четиринадесет"
    " четиринайсет\n15 петнадесет петнайсет\n16 шестнадесет шестнайсет\n17 седемнадесет седемнайсет\n18 осемнадесет"
    " осемнайсет\n19 деветнадесет деветнайсет\n20 двадесет двайсет\n30 тридесет трийсет\n40 четиридесет четирийсет"
    "\n50 петдесет\n60 шестдесет\n70 седемдесет\n80 осемдесет\n90 деветдесет\n100 сто\n200 двеста\n1000 хиляд+а+и",
    "hr": "1 jedan jedn+a+o+u+og+oga+e+im\n2 dva dvije dve dvoje dvaju dviju\n3 tri triju troje\n4 četiri četvero"
    "\n5 pet+ero\n6 šest+ero\n7 sedam\n8 osam\n9 devet\n10 deset\n11 jedanaest\n12 dvanaest\n13 trinaest"
    "\n14 četrnaest"
    "\n15 petnaest\n16 šesnaest\n17 sedamnaest\n18 osamnaest\n19 devetnaest\n20 dvadeset\n30 trideset\n40 četrdeset"
    "\n50 pedeset\n60 šezdeset\n70 sedamdeset\n80 osamdeset\n90 devedeset\n100 sto stotinu\n1000 tisuću hiljadu",
    "sr": "1 један једн+а+о+у+ог\n2 два две двије\n3 три\n4 четири\n5 пет\n6 шест\n7 седам\n8 осам\n9 девет\n10 десет"
    "\n11 једанаест\n12 дванаест\n13 тринаест\n14 четрнаест\n15 петнаест\n16 шеснаест\n17 седамнаест\n18 осамнаест"
    "\n19 деветнаест\n20 двадесет\n30 тридесет\n40 четрдесет\n50 педесет\n100 сто\n1000 хиљаду",
    "sl": "1 en+a+o+ega eden\n2 dv+a+e+eh+ema\n3 tri trije treh\n4 štir+i+je+ih\n5 pet+ih\n6 šest+ih\n7 sedem sedmih"
    "\n8 osem osmih\n9 devet+ih\n10 deset+ih\n11 enajst+ih\n12 dvanajst+ih\n13 trinajst\n14 štirinajst\n15 petnajst"
    "\n16 šestnajst\n17 sedemnajst\n18 osemnajst\n19 devetnajst\n20 dvajset\n30 trideset\n40 štirideset\n50 petdeset"
    "\n60 šestdeset\n70 sedemdeset\n80 osemdeset\n90 devetdeset\n100 sto\n1000 tisoč",
    "lt": "1 vien+as+a+ą+o+os\n2 du dvi dviejų\n3 trys tris trijų\n4 keturi+as+os+s+ų\n5 penki+as+os+s+ų"
    "\n6 šeši+as+os+s+ų"
    "\n7 septyni+as+os+s+ų\n8 aštuoni+as+os+s+ų\n9 devyni+as+os+s+ų\n10 dešimt+ies\n11 vienuolika\n12 dvylika"
    "\n13 trylika"
    "\n14 keturiolika\n15 penkiolika\n16 šešiolika\n17 septyniolika\n18 aštuoniolika\n19 devyniolika\n20 dvidešimt"
    "\n30 trisdešimt\n40 keturiasdešimt\n50 penkiasdešimt\n100 šimt+as+ą\n1000 tūkstan+tis+tį",
    "lv": "1 vien+s+a+u\n2 div+i+as+us+u\n3 trīs triju\n4 četr+i+as+us+u\n5 piec+i+as+us+u\n6 seš+i+as+us+u"
    "\n7 septiņ+i+as+us\n8 astoņ+i+as+us\n9 deviņ+i+as+us\n10 desmit\n11 vienpadsmit\n12 divpadsmit\n13 trīspadsmit"
    "\n14 četrpadsmit\n15 piecpadsmit\n16 sešpadsmit\n17 septiņpadsmit\n18 astoņpadsmit\n19 deviņpadsmit"
    "\n20 divdesmit"
    "\n30 trīsdesmit\n50 piecdesmit\n100 simt+s+u\n1000 tūkstoš+i tūkstotis",
    "et": "1 üks ühe+st+s\n2 kaks kahe+s+st kahte\n3 kolm+e+es\n4 neli nelja+s\n5 viis viie+s viit\n6 kuus kuue+s"
    "\n7 seitse seitsme\n8 kaheksa\n9 üheksa\n10 kümme kümne\n11 üksteist\n12 kaksteist\n13 kolmteist\n14 neliteist"
    "\n15 viisteist\n16 kuusteist\n17 seitseteist\n18 kaheksateist\n19 üheksateist\n20 kakskümmend\n30 kolmkümmend"
    "\n40 nelikümmend\n50 viiskümmend\n100 sada\n1000 tuhat",
    "fi": "1 yksi yhden yhtä yhdellä\n2 kaksi kahta kahde+n+ssa+sta+lla kahteen\n3 kolme+n+a+ssa+sta+lla+en"
    "\n4 neljä+n+ä+ssä+stä+llä+än\n5 viisi viittä viide+n+ssä+stä+llä viiteen"
    "\n6 kuusi kuutta kuude+n+ssa+sta+lla kuuteen"
    "\n7 seitsemä+n+ä+ssä+stä+llä+än\n8 kahdeksa+n+a+ssa+sta+lla+an\n9 yhdeksä+n+ä+ssä+stä+llä+än"
    "\n10 kymmene+n+ssä+stä+llä kymmentä\n11 yksitoista yhtätoista yhdentoista"
    "\n12 kaksitoista kahtatoista kahdentoista"
    " kahdessatoista\n13 kolmetoista kolmeatoista kolmentoista\n14 neljätoista neljäätoista neljäntoista"
    "\n15 viisitoista"
    " viittätoista viidentoista\n16 kuusitoista kuuttatoista kuudentoista\n17 seitsemäntoista seitsemäätoista"
    "\n18 kahdeksantoista kahdeksaatoista\n19 yhdeksäntoista\n20 kaksikymmentä kahdenkymmenen\n30 kolmekymmentä"
    " kolmenkymmenen\n40 neljäkymmentä neljänkymmenen\n50 viisikymmentä viidenkymmenen\n60 kuusikymmentä"
    "\n70 seitsemänkymmentä\n80 kahdeksankymmentä\n90 yhdeksänkymmentä\n100 sata+a sadan\n1000 tuhat tuhannen",
    "hu": "1 egy+et\n2 kettő+t két\n3 három hármat\n4 négy+et\n5 öt+öt\n6 hat+ot\n7 hét hetet\n8 nyolc+at"
    "\n9 kilenc+et"
    "\n10 tíz tizet\n11 tizenegy+et\n12 tizenkettő+t tizenkét\n13 tizenhárom tizenhármat\n14 tizennégy+et"
    "\n15 tizenöt+öt"
    "\n16 tizenhat+ot\n17 tizenhét\n18 tizennyolc\n19 tizenkilenc\n20 húsz huszat\n30 harminc+at\n40 negyven+et"
    "\n50 ötven+et\n60 hatvan\n70 hetven\n80 nyolcvan\n90 kilencven\n100 száz+at\n1000 ezer",
    "el": "1 ένα+ς+ν μία μια μίας ενός\n2 δύο δυο\n3 τρία τρεις τριών\n4 τέσσερα τέσσερις τεσσάρων\n5 πέντε\n6 έξι"
    "\n7 επτά εφτά\n8 οκτώ οχτώ\n9 εννέα εννιά\n10 δέκα\n11 έντεκα ένδεκα\n12 δώδεκα\n13 δεκατρία δεκατρείς"
    "\n14 δεκατέσσερα δεκατέσσερις\n15 δεκαπέντε\n16 δεκαέξι δεκάξι\n17 δεκαεπτά δεκαεφτά\n18 δεκαοκτώ δεκαοχτώ"
    "\n19 δεκαεννέα δεκαεννιά\n20 είκοσι\n30 τριάντα\n40 σαράντα\n50 πενήντα\n60 εξήντα\n70 εβδομήντα\n80 ογδόντα"
    "\n90 ενενήντα\n100 εκατό\n1000 χίλια χίλιες",
    "tr": "1 bir\n2 iki\n3 üç\n4 dört\n5 beş\n6 altı\n7 yedi\n8 sekiz\n9 dokuz\n10 on\n100 yüz\n1000 bin",
    "id": "1 satu sebuah\n2 dua\n3 tiga\n4 empat\n5 lima\n6 enam\n7 tujuh\n8 delapan lapan\n9 sembilan\n10 sepuluh"
    "\n11 sebelas\n100 seratus ratus\n1000 seribu ribu",
    "tl": "1 isa isang\n2 dalawa+ng\n3 tatlo+ng\n4 apat\n5 lima+ng\n6 anim\n7 pito+ng\n8 walo+ng\n9 siyam"
    "\n10 sampu+ng"
    "\n11 labing-isa labing-isang\n12 labindalawa+ng\n15 labinlima+ng\n20 dalawampu+ng",
    "vi": "1 một mốt\n2 hai\n3 ba\n4 bốn\n5 năm lăm\n6 sáu\n7 bảy bẩy\n8 tám\n9 chín\n10 mười\n100 trăm"
    "\n1000 nghìn ngàn",
    "sw": "1 moja kimoja mmoja\n2 mbili mawili viwili wawili\n3 tatu matatu vitatu watatu\n4 nne manne vinne wanne"
    "\n5 tano matano vitano watano\n6 sita\n7 saba\n8 nane manane vinane wanane\n9 tisa\n10 kumi\n20 ishirini"
    "\n30 thelathini\n40 arobaini\n50 hamsini\n100 mia\n1000 elfu",
    "hi": "1 एक\n2 दो\n3 तीन\n4 चार\n5 पांच पाँच\n6 छह छः छे छ\n7 सात\n8 आठ\n9 नौ\n10 दस\n11 ग्यारह\n12 बारह"
    "\n13 तेरह\n14 चौदह"
    "\n15 पंद्रह पन्द्रह\n16 सोलह\n17 सत्रह\n18 अठारह\n19 उन्नीस\n20 बीस\n25 पच्चीस\n30 तीस\n40 चालीस\n50 पचास"
    "\n60 साठ\n70 सत्तर"
    "\n80 अस्सी\n90 नब्बे\n100 सौ\n1000 हज़ार हजार",
    "bn": "1 এক+টি+টা\n2 দুই+টি+টা দু+টি+টো\n3 তিন+টি+টা+টে\n4 চার+টি+টা+টে\n5 পাঁচ+টি+টা\n6 ছয়+টি+টা"
    "\n7 সাত+টি+টা\n8 আট+টি+টা\n9 নয়+টি+টা"
    "\n10 দশ+টি+টা\n11 এগারো\n12 বারো+টি+টা\n15 পনেরো+টি+টা\n20 বিশ+টি কুড়ি+টি\n100 একশ একশো\n1000 হাজার",
    "ur": "1 ایک\n2 دو\n3 تین\n4 چار\n5 پانچ\n6 چھ چھے\n7 سات\n8 آٹھ\n9 نو\n10 دس\n11 گیارہ\n12 بارہ\n15 پندرہ"
    "\n20 بیس"
    "\n30 تیس\n50 پچاس\n100 سو\n1000 ہزار",
    "fa": "1 یک\n2 دو\n3 سه\n4 چهار\n5 پنج\n6 شش\n7 هفت\n8 هشت\n9 نه\n10 ده\n11 یازده\n12 دوازده\n13 سیزده\n14 چهارده"
    "\n15 پانزده\n16 شانزده\n17 هفده\n18 هجده\n19 نوزده\n20 بیست\n30 سی\n40 چهل\n50 پنجاه\n60 شصت\n70 هفتاد\n80 هشتاد"
    "\n90 نود\n100 صد\n1000 هزار",
    "ar": "1 واحد+ة أحد إحدى\n2 اثن+ان+ين+ا+ي اثنت+ان+ين+ا+ي\n3 ثلاث+ة\n4 أربع+ة\n5 خمس+ة\n6 ست+ة\n7 سبع+ة"
    "\n8 ثمان+ي+ية"
    "\n9 تسع+ة\n10 عشر+ة\n20 عشر+ون+ين\n30 ثلاث+ون+ين\n40 أربع+ون+ين\n50 خمس+ون+ين\n60 ست+ون+ين\n70 سبع+ون+ين"
    "\n80 ثمان+ون+ين\n90 تسع+ون+ين\n100 مئة مائة\n1000 ألف",
    "he": "1 אחד אחת\n2 שתי שתיים שני שניים שנים שתים\n3 שלוש+ה\n4 ארבע+ה\n5 חמש חמישה\n6 שש שישה\n7 שבע+ה\n8 שמונה"
    "\n9 תשע+ה\n10 עשר+ה\n20 עשרים\n30 שלושים\n40 ארבעים\n50 חמישים\n60 שישים\n70 שבעים\n80 שמונים\n90 תשעים\n100 מאה"
    "\n1000 אלף",
}

ONE_WORD: tuple[tuple[str, str, str, str], ...] = (
    (
        "da",
        "tyve tredive fyrre halvtreds tres halvfjerds firs halvfems",
        "og",
        "en to tre fire fem seks syv otte ni",
    ),
    ("no", "tjue tretti førti femti seksti sytti åtti nitti", "", "en to tre fire fem seks sju åtte ni"),
    (
        "fi",
        "kaksikymmentä kolmekymmentä neljäkymmentä viisikymmentä kuusikymmentä seitsemänkymmentä kahdeksankymmentä"
        " yhdeksänkymmentä",
        "",
        "yksi kaksi kolme neljä viisi kuusi seitsemän kahdeksan yhdeksän",
    ),
    (
        "hu",
        "huszon harminc negyven ötven hatvan hetven nyolcvan kilencven",
        "",
        "egy két+tő három négy öt hat hét nyolc kilenc",
    ),
    (
        "sl",
        "dvajset trideset štirideset petdeset šestdeset sedemdeset osemdeset devetdeset",
        "in",
        "ena dva tri štiri pet šest sedem osem devet",
    ),
    (
        "cs",
        "dvacet třicet čtyřicet padesát šedesát sedmdesát osmdesát devadesát",
        "a",
        "jedn dva tři čtyři pět šest sedm osm devět",
    ),
)
"""Language, tens, what joins them, ones: those that are written as one word."""
_ONES_FIRST = ("da", "sl", "cs")

ORDINALS: dict[str, str] = {
    "en": "first second third fourth fifth sixth seventh eighth ninth tenth",
    "de": "erste zweite dritte vierte fünfte sechste siebte achte neunte zehnte",
    "nl": "eerste tweede derde vierde vijfde zesde zevende achtste negende tiende",
    "fr": "premi deuxième/second troisième quatrième cinquième sixième septième huitième neuvième dixième",
    "es": "primer segund tercer cuart quint sext séptim octav noven décim",
    "pt": "primeir segund terceir quart quint sext sétim oitav non décim",
    "it": "prim second terz quart quint sest settim ottav non decim",
    "ro": "prim/întâi doilea/doua treilea/treia patrulea/patra cincilea/cincea șaselea/șasea șaptelea/șaptea"
    " optulea/opta nouălea/noua zecelea/zecea",
    "sv": "först andr tredje fjärde femte sjätte sjunde åttonde nionde tionde",
    "da": "først and tredje fjerde femte sjette syvende ottende niende tiende",
    "cs": "prvn druh třet čtvrt pát šest sedm osm devát desát",
    "sk": "prv druh tret štvrt piat šiest siedm ôsm deviat desiat",
    "pl": "pierwsz drug trzec czwart piąt szóst siódm ósm dziewiąt dziesiąt",
    "ru": "перв втор трет четверт пят шест седьм восьм девят десят",
    "uk": "перш друг трет четверт п'ят шост сьом восьм дев'ят десят",
    "bg": "първ втор трет четвърт пет шест седм осм девет десет",
    "hr": "prv drug treć četvrt pet šest sedm osm devet deset",
    "hu": "első második harmadik negyedik ötödik hatodik hetedik nyolcadik kilencedik tizedik",
    "fi": "ensimmäi toi/toise kolma neljä viide kuude seitsemä kahdeksa yhdeksä kymmene",
    "el": "πρώτ δεύτερ τρίτ τέταρτ πέμπτ έκτ έβδομ όγδο ένατ δέκατ",
    "tr": "birinci/ilk ikinci üçüncü dördüncü beşinci altıncı yedinci sekizinci dokuzuncu onuncu",
    "id": "pertama kedua ketiga keempat kelima keenam ketujuh kedelapan kesembilan kesepuluh",
    "hi": "पहल दूसर तीसर चौथ पांचव/पाँचव छठ सातव आठव नौव दसव",
    "ar": "الأول/الأولى الثاني/الثانية الثالث/الثالثة الرابع/الرابعة الخامس/الخامسة السادس السابع الثامن التاسع العاشر",
    "he": "ראשונ/ראשון/ראשונה שני/שנייה שלישי רביעי חמישי שישי שביעי שמיני תשיעי עשירי",
}
"""The first ten, as stems that take an ending."""


def unfolded() -> Iterator[tuple[str, str, int]]:
    """(language, word, number) of all but the ordinals."""
    for language, rows in PLAIN.items():
        for row in rows.splitlines():
            number, *cells = row.split()
            yield from ((language, form, int(number)) for cell in cells for form in _forms(cell))
    for language, tens, joint, units in ONE_WORD:
        for at, ten in enumerate(tens.split(), 2):
            for one, cell in enumerate(units.split(), 1):
                for unit in _forms(cell):
                    parts = (unit, joint, ten) if language in _ONES_FIRST else (ten, joint, unit)
                    yield language, "".join(parts), 10 * at + one


def _forms(cell: str) -> Iterator[str]:
    """`dvanáct+i`: dvanáct, dvanácti."""
    first, *ends = cell.split("+")
    yield first
    yield from (first + end for end in ends)
