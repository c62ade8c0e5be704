"""Words that mean the contrary of each other, in English and where it is sure in other languages. Data."""

OPPOSITES: frozenset[frozenset[str]] = frozenset(
    frozenset(pair.split("/"))
    for pair in """
        on/off enable/disable start/stop begin/end open/close increase/decrease increase/lower increase/reduce
        raise/lower add/remove add/delete create/delete create/destroy install/uninstall upgrade/downgrade
        upload/download import/export encode/decode encrypt/decrypt compress/decompress push/pull up/down
        left/right in/out high/low higher/lower hot/cold warm/cool buy/sell borrow/lend send/receive
        accept/reject accept/decline allow/deny allow/block lock/unlock mute/unmute follow/unfollow
        subscribe/unsubscribe login/logout before/after first/last ascending/descending advantage/disadvantage
        pro/con win/lose gain/lose minimum/maximum min/max earliest/latest oldest/newest old/new young/old
        fast/slow quick/slow big/small large/small tall/short long/short rich/poor good/bad best/worst
        better/worse safe/unsafe legal/illegal true/false public/private input/output read/write load/save
        mount/unmount serialize/deserialize parse/format append/prepend include/exclude horizontal/vertical
        internal/external positive/negative formal/casual formal/informal row/column client/server parent/child
        employer/employee landlord/tenant buyer/seller teacher/student cause/effect symptom/cause male/female
        man/woman boy/girl husband/wife mother/father indoor/outdoor summer/winter strong/weak hard/easy
        hard/soft thick/thin wide/narrow deep/shallow early/late day/night morning/evening love/hate
        tallest/oldest tallest/shortest longest/shortest cheapest/expensive push/pop attach/detach
        connect/disconnect background/foreground darken/brighten darken/lighten uppercase/lowercase hide/show
        top/bottom absolute/relative static/dynamic local/global odd/even convex/concave numerator/denominator
        major/minor gross/net systolic/diastolic backup/restore curly/straight singular/plural vowel/consonant
        credit/debit asset/liability assets/liabilities lender/borrower plaintiff/defendant guest/host
        sunrise/sunset arrival/departure arriving/departing north/south east/west northern/southern
        eastern/western uncle/aunt nephew/niece brother/sister son/daughter grandfather/grandmother king/queen
        bride/groom sender/recipient sender/receiver domestic/international domestic/foreign wired/wireless
        raw/cooked fresh/frozen wet/dry tight/loose full/empty ancient/modern rural/urban junior/senior
        optional/mandatory temporary/permanent clockwise/counterclockwise clockwise/anticlockwise prefix/suffix
        ingress/egress acute/chronic benign/malignant artery/vein maternal/paternal maternity/paternity
        predator/prey fission/fusion oxidation/reduction acid/base whisper/shout sync/async liquid/solid
        matter/antimatter melting/freezing boiling/freezing northbound/southbound eastbound/westbound
        merge/split pros/cons stalagmite/stalactite longitude/latitude nominal/real lossless/lossy
        bullish/bearish bull/bear waxing/waning nocturnal/diurnal carnivore/herbivore afferent/efferent
        symmetric/asymmetric synchronous/asynchronous typical/atypical skimmed/whole sober/drunk
        einschalten/ausschalten öffnen/schließen allumer/éteindre ouvrir/fermer
        encender/apagar abrir/cerrar
        włączyć/wyłączyć włączać/wyłączać otworzyć/zamknąć включить/выключить включить/отключить открыть/закрыть
        activar/desactivar instalar/desinstalar ligar/desligar ativar/desativar activer/désactiver
        aktivieren/deaktivieren installieren/deinstallieren zapnout/vypnout
        höchstens/mindestens maximal/mindestens aufrunden/abrunden kaufen/verkaufen meisten/wenigsten
        meeste/minste aanzetten/uitzetten inschakelen/uitschakelen kopen/verkopen maximaal/minimaal
        flest/færrest flest/färst mest/minst köpa/sälja købe/sælge kjøpe/selge
        acheter/vendre monter/descendre maximum/minimum causes/conséquences cause/conséquence
        comprar/vender subir/bajar causas/consecuencias causa/consecuencia máximo/mínimo causas/consequências
        comprare/vendere salire/scendere cause/conseguenze causa/conseguenza massimo/minimo attivare/disattivare
        accendere/spegnere aprire/chiudere cumpăra/vinde activa/dezactiva porni/opri
        kupić/sprzedać zainstalować/odinstalować największy/najmniejszy najwięcej/najmniej przyczyny/skutki
        koupit/prodat nejvíce/nejméně příčiny/následky zapnúť/vypnúť kúpiť/predať
        включать/выключать включать/отключать включают/выключают включаю/выключаю включил/выключил
        купить/продать покупать/продавать максимум/минимум причины/последствия больше/меньше
        увімкнути/вимкнути купити/продати відкрити/закрити причини/наслідки
        açmak/kapatmak açarım/kapatırım almak/satmak etkinleştirmek/kapatmak
        kapcsolni/kikapcsolni bekapcsolni/kikapcsolni venni/eladni ostaa/myydä avata/sulkea
        bật/tắt mua/bán lên/xuống mở/đóng nyalakan/matikan menghidupkan/mematikan beli/jual
        membeli/menjual washa/zima nunua/uza αγοράσω/πουλήσω ανοίξω/κλείσω αυξήσω/μειώσω
    """.split()
)
