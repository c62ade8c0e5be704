"""Two words of English that differ as a slip of the pen would, and are both words. Data.

Found among the words of the sentence encoder that `misspelt` takes for one another; other spellings of one word
(colour, theatre) are left out, and so are those of one name. Added to by hand.
"""

_PAIRS = """
    action/auction addiction/addition adverse/averse agent/argent angel/angle annals/annual assent/asset assert/asset
    bacon/beacon baker/banker baker/barker balance/blanc ballad/ballard banco/blanco barely/barley baron/barron
    baton/barton basil/brasil batman/batsman beach/breach beast/breast bedside/besides bellow/below benign/benin
    bother/brother brady/brandy brain/brian breadth/breath burden/buren camel/carmel cameron/cameroon
    campaign/champaign cancel/chancel cannon/canon canon/canton canon/canyon carlo/carol carlson/carson carter/cater
    carter/charter carter/crater carton/cartoon casual/causal cater/crater cement/clement champagne/champaign
    chaplain/chaplin chopper/copper choral/coral climatic/climactic clover/cover cluster/custer
    cologne/colon colon/colton comet/compete comic/cosmic commune/comune compete/complete compiled/complied
    complaint/compliant concert/concrete contact/contract continent/contingent convent/covent convert/covert
    coral/corral corner/coroner corpse/corpus couch/crouch countess/countless country/county crochet/crotchet
    daemon/demon dairy/diary deceased/decrease decent/descent depot/deport derive/deprive derivation/deprivation
    desert/dessert devote/devout diner/dinner discreet/discrete discus/disused diver/driver dominant/dominate
    duran/durban easter/eater either/ether elector/electro emigrate/emirate enrich/erich eternal/external ethics/ethnic
    except/excerpt expertise/experts faction/fraction faculty/faulty fairly/fairy farmer/framer father/farther
    favor/flavor favour/flavour fiance/finance fiction/friction fiend/friend fight/flight fight/fright finch/flinch
    finely/finley finer/finger finish/finnish fontaine/fountain forth/fourth fragile/frail
    franchise/francis freight/fright gallery/galley garage/garbage gardener/gardner genius/genus gladly/gladys
    goran/groan granite/grant handel/handle hardly/hardy hardness/harness health/heath heaven/haven hearth/heath
    heritage/hermitage heroin/heron hesitant/hesitate honestly/honesty hostel/hotel hungary/hungry iconic/ionic
    immigrant/immigrate incline/inline indicate/indict infection/inflection insect/inspect ironic/ionic johnson/johnston
    kelvin/kevin later/latter launch/lunch lawyer/layer ledger/leger lightning/lightening linden/linen linear/liner
    liner/linger liter/litter macaron/macaroon macro/marco magna/manga mainly/manly maison/mason maker/marker
    manage/manga manager/manger mania/manila mansion/manson margin/marin maria/marina marian/marina marian/martian
    marin/marion marin/martin marin/marvin marina/martina marino/mario marital/martial martian/martin
    master/mater mater/matter medal/medial media/medina medial/medical median/medina mediation/medication
    mediation/meditation mental/metal meteor/meter migrant/migrate minister/minster money/monkey moral/mortal
    morality/mortality morally/mortally moran/morgan munster/muster neural/neutral neurons/neutron newton/newtown
    ordinance/ordnance overhead/overheard pantry/panties paris/praise parity/party parole/patrol participant/participate
    partly/party patent/patient payer/prayer peach/preach peasant/pleasant perfect/prefect petty/pretty piazza/pizza
    planet/plant ponder/pounder porch/porsche portable/portal portion/potion powder/power principal/principle
    proper/prosper prostate/prostrate radial/radical radiant/radiate raider/rider rally/really reactor/rector
    reality/realty reign/resign relay/replay remainder/reminder remake/remark renal/rental repay/replay
    resent/reset resign/resin richer/richter romeo/romero rooster/roster runaway/runway sabah/sabha saline/slain
    saline/stalin salmon/salon salon/saloon salvage/savage sandals/scandal satin/stain satire/stair seater/sweater
    seattle/settle server/severe seven/steven shillings/shrill sight/slight sigma/stigma silver/sliver
    simulate/stimulate simulation/stimulation slash/splash sloan/slogan smooth/soothe sober/somber spain/sprain
    stain/stalin stain/strain stand/strand steak/streak steam/stream sterile/sterling sting/string stormy/story
    struck/stuck study/sturdy super/supper tenor/tensor thirsty/thirty thorn/throne thorough/through thrash/trash
    thread/tread threat/treat throne/thrown through/trough though/through though/tough thrust/trust
    timber/timer tolerant/tolerate topical/tropical tortuous/torturous trail/trial transit/translit transit/transmit
    trial/tribal turbine/turin unarmed/unharmed uniformed/uninformed union/unison until/untitled
    vacant/vacate vibrant/vibrate violent/violet waiter/water weight/wight wider/wilder widow/window wrath/wreath
"""
BOTH_WORDS: tuple[tuple[str, ...], ...] = tuple(tuple(pair.split("/")) for pair in _PAIRS.split())
