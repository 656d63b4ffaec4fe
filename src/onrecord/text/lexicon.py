"""Words that give speech away: reporting verbs, titles, pronouns, given names.

The verbs follow the cue lists of PolNeAR (Newell et al., LREC 2018) and of the
Gender Gap Tracker (Asr et al., PLoS ONE 2021), cut to verbs of speech.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _third(base: str) -> str:
    if base.endswith("y") and base[-2] not in "aeou":
        return base[:-1] + "ies"
    return base + ("es" if base.endswith(("s", "x", "ch", "sh")) else "s")


def _past(base: str) -> str:
    if base.endswith("y") and base[-2] not in "aeou":
        return base[:-1] + "ied"
    return base + ("d" if base.endswith("e") else "ed")


def _ing(base: str) -> str:
    return (base[:-1] if base.endswith("e") and not base.endswith("ee") else base) + "ing"


_REGULAR = _words(
    """
    accuse acknowledge add advise affirm allege allude announce answer argue assert assure blast
    boast brag caution claim clarify comment complain concede conclude condemn confirm contend
    counter criticize criticise declare decry defend denounce deny describe disclose dismiss
    elaborate emphasize emphasise explain express indicate insist joke lament maintain mention
    negate note observe opine pledge praise predict promise propose protest quip reaffirm recall
    recommend recount refute reiterate reject remark remind reply report respond retort reveal
    signal speculate state stress suggest testify tout tweet underline underscore urge voice vow
    warn
    """
)
_LOOSE_REGULAR = _words(
    """
    bark bellow chant charge continue cry deadpan demand echo estimate exclaim gush interject intone
    laugh muse mutter offer plead point post recite scream shout sigh smile snap start tease text
    thunder venture whisper yell remember recollect rail roar boom chide chuckle sneer fume question
    thank begin counsel call crack email enthuse explode finish groan grumble implore marvel
    retaliate gloat blurt beam cheer agonize agonise bemoan bristle deadpan
    """
)
_IRREGULAR = {
    "said": "FINITE", "says": "FINITE", "saying": "ING", "told": "FINITE", "tells": "FINITE",
    "telling": "ING",
    "wrote": "FINITE", "writes": "FINITE", "writing": "ING", "admitted": "FINITE", "admits": "FINITE",
    "admitting": "ING", "hinted": "FINITE", "swore": "FINITE", "slammed": "FINITE", "slams": "FINITE",
    "slamming": "ING", "rebutted": "FINITE", "admonished": "FINITE", "retweeted": "FINITE",
    "agreed": "FINITE", "agrees": "FINITE", "agreeing": "ING", "quipped": "FINITE", "quipping": "ING",
}  # fmt: skip

ASKING = _words("asked asks asking inquired wondered wonders")
"""Cues of direct speech only: a question asked is not a statement reported."""

_VIEWING_REGULAR = _words(
    """
    accept aim anticipate apologize applaud appreciate approve assume blame celebrate
    challenge cite consider credit dare decide decline deem demand desire dislike discuss dispute
    doubt embrace encourage endorse envision estimate expect fault favor fear figure guess
    hail hate highlight hope imagine imply intend link love mock name note oppose order
    outline perceive plan pledge point prefer press push question realize recognize refer refuse
    regard regret request require resent sense support suspect talk threaten trust urge value view
    want welcome wish wonder worry learn vote reason agree disagree calculate determine reveal
    indicate propose promise argue suggest describe criticize defend praise denounce reject warn
    announce insist acknowledge maintain portray characterize depict label brand tout credit recall
    """
)
_VIEWING_IRREGULAR = {
    "think": "thinks thought", "believe": "believes believed", "feel": "feels felt",
    "find": "finds found", "show": "shows showed shown", "see": "sees saw", "seek": "seeks sought",
    "understand": "understands understood", "hear": "hears heard", "speak": "speaks spoke",
    "read": "reads read", "say": "says said", "tell": "tells told", "call": "calls called",
    "write": "writes wrote",
    "admit": "admits admitted", "plan": "planned", "concur": "concurs concurred", "prefer": "preferred",
    "refer": "referred", "regret": "regretted",
}  # fmt: skip

VIEWING = frozenset(form for base in _VIEWING_REGULAR for form in (_third(base), _past(base))) | _words(
    " ".join(_VIEWING_IRREGULAR.values())
)
"""Verbs of thought, will and finding, and of speech that says what somebody is for."""
VIEWING_BASE = _VIEWING_REGULAR | frozenset(_VIEWING_IRREGULAR)
"""Base forms of these: only after an auxiliary, or a plural or first-person subject."""
VIEWING_ING = frozenset(_ing(base) for base in VIEWING_BASE) | {"planning", "referring", "regretting"}
"""Their participles: only after a form of ``be``."""
VIEWING_NOUNS = _words(
    """
    aims attacks backs blames challenges credits demands desires disputes doubts estimates faults
    favors fears figures guesses hopes likes links names needs notes orders outlines plans points
    pledges presses questions regrets requests senses supports suspects talks threats trusts values
    views votes wants wishes reasons promises labels brands reads finds shows
    """
)
"""Forms that are nouns as often: only after a name, a pronoun or an auxiliary."""

LOOSE = frozenset(
    form for base in _LOOSE_REGULAR for form in (_third(base), _past(base), _ing(base))
) | _words(
    """
    began went shot fired put puts read reads spoke thought cracked quoted sang hit replied goes
    """
)
"""Cues only where a quotation touches them: elsewhere they mean other things."""

FINITE = frozenset(form for base in _REGULAR for form in (_third(base), _past(base))) | frozenset(
    word for word, kind in _IRREGULAR.items() if kind == "FINITE"
) | {"called", "calls"}  # fmt: skip
PARTICIPLES = frozenset(_ing(base) for base in _REGULAR) | frozenset(
    word for word, kind in _IRREGULAR.items() if kind == "ING"
) | {"calling"}  # fmt: skip
NOUN_LIKE = _words(
    """
    states claims notes reports comments remarks promises calls charges demands boasts maintains
    """
)
"""Forms that are nouns as often as verbs: cues only after a name or a pronoun."""

PLURAL_BASE = _words("say tell argue insist contend claim warn")
"""Base forms: cues only after a plural or first-person subject."""

SPEECH_NOUNS = _words(
    "statement statements comment comments remark remarks claim claims warning testimony words speech message"
)
WRITINGS = _words(
    "statement note letter email e-mail message tweet memo post text video ad reply release book report"
)
"""Things that somebody sends and that then say what they say: ``released a statement saying, “…”``."""

NEGATIONS = _words(
    """
    not never n't didn’t didn't doesn’t doesn't don’t don't won’t won't cannot without aren’t aren't
    """
)
AUXILIARIES = _words(
    """
    has have had would will could should might may can did does do is are was were be been being
    """
)
ADVERBS = _words(
    """
    also then later again once further just even already still now often repeatedly earlier recently
    today yesterday soon always both all each himself herself themselves first simply reportedly
    however meanwhile instead only though too almost nearly on at back there finally
    """
)
DETERMINERS = _words(
    """
    the a an another this that these those his her its their one some many several most two three
    other few more
    """
)
PRONOUNS = _words("he she they it i we who you")
OBLIQUE = _words(
    """
    of to for with by from against at in on about than like toward towards between among into over
    under
    """
)
SUBORDINATORS = _words(
    """
    that because although though while whereas when where if since unless until before after as but
    and or nor so yet which whose what why how whether
    """
)
FUNCTION = (
    DETERMINERS
    | PRONOUNS
    | OBLIQUE
    | SUBORDINATORS
    | NEGATIONS
    | AUXILIARIES
    | _words(
        """
    following during despite amid throughout within without upon per via through across behind
    beyond near off out up down no yes well here earlier later still even also less last next such
    any every our my your him them us me not according asked speaking given instead meanwhile
    moreover nevertheless perhaps maybe indeed thus hence therefore otherwise besides both either
    neither all others much there then now once only just again ever however read today yesterday
    tonight tomorrow let first second finally including along around above below regarding per
    unlike whatever whenever wherever whoever exactly sure ok okay hi hello thank thanks dear good
    great
    """
    )
)
CALENDAR = _words(
    """
    monday tuesday wednesday thursday friday saturday sunday january february march april may june
    july august september october november december jan. feb. mar. apr. jun. jul. aug. sept. sep.
    oct. nov. dec. morning afternoon evening night week month year weekend day days weeks months
    years ago time
    """
)
HONORIFICS = _words(
    """
    mr mrs ms miss dr sir lord lady dame madam sen rep gov gen lt col sgt capt prof rev hon amb adm
    maj
    """
)
ROLES = HONORIFICS | _words(
    """
    president vice-president secretary minister premier chancellor senator congressman congresswoman
    representative governor mayor ambassador envoy spokesman spokeswoman spokesperson speaker
    chairman chairwoman chair chief director administrator commissioner general colonel captain
    admiral lieutenant sergeant judge justice attorney professor doctor reporter correspondent host
    anchor editor columnist analyst adviser advisor aide strategist manager candidate nominee leader
    whip czar official officials diplomat diplomats officer ceo cofounder founder executive
    commander marshal prince princess queen king pope ayatollah sheikh sheik imam reverend bishop
    cardinal rabbi expert fellow economist lawyer counsel negotiator representative representatives
    delegate democrat republican democrats republicans independent operative activist author
    historian scientist researcher coordinator deputy assistant undersecretary sens reps
    president-elect pollster surrogate moderator businessman businesswoman entrepreneur
    """
)
OFFICES = _words(
    """
    state defense defence treasury homeland security energy education commerce labor agriculture
    interior transportation health services affairs press communications intelligence foreign
    national prime vice senior former deputy acting interim white house senate congress campaign
    party council relations republican democratic conservative liberal u.s us uk eu un u.n american
    british russian iranian israeli chinese french german ukrainian european turkish saudi indian
    japanese korean syrian iraqi canadian special policy staff human veterans budget border
    communications agency bureau trade advisor republican majority minority gop cfr nato fbi cia
    apnsa technologies technology cyber emerging advisers advisors member members economic cea omb climate
    """
)
"""Words that stand before a name as part of a title, and are not part of the name."""

ORGANISATIONS = _words(
    """
    department ministry committee commission university college institute agency bureau times post
    news journal house court party press magazine network association union center centre foundation
    administration government council company corporation corp inc group bank fund office service
    street tower street college school church league club board authority organization federation
    campaign report study poll reuters bloomberg politico axios act deal plan agreement war states
    kingdom republic nations city county river lake island airport hall square day award prize bill
    law amendment constitution data research security convention summit conference caucus primary
    debate coalition alliance army navy force guard police media television radio tv show tribune
    herald guardian telegraph chronicle gazette review weekly daily today cnn nbc abc cbs msnbc fox
    npr bbc facebook twitter google amazon apple microsoft youtube america europe asia africa avenue
    road medicare obamacare senate congress pentagon kremlin parliament knesset
    """
)
PLACES = _words(
    """
    new york washington iran russia ukraine israel china america england london paris moscow tehran
    kyiv kiev brussels beijing berlin jerusalem gaza syria iraq turkey germany france britain europe
    texas florida ohio iowa california virginia michigan wisconsin nevada colorado pennsylvania
    carolina north south east west united saudi arabia san los las angeles francisco vegas hampshire
    jersey mexico canada india japan korea qatar oman doha geneva vienna hong kong white wall
    capitol middle super social supreme air islamic black great foreign
    """
)
PARTICLES = _words("von van der den de del della di da du la le bin ibn al el dos das ter ten of")
DESCRIBERS = _words(
    """
    official officials spokesman spokeswoman spokesperson spokespeople spokesmen person people
    source sources aide aides adviser advisers advisor advisors analyst analysts expert experts
    diplomat diplomats lawmaker lawmakers senator senators congressman congresswoman governor mayor
    president secretary minister ministry director chairman chairwoman chief leader leaders officer
    executive voter voters critic critics democrat democrats republican republicans reporter
    reporters journalist journalists author authors professor strategist strategists manager
    operative operatives activist activists candidate candidates nominee lawyer lawyers attorney
    attorneys judge justice pollster pollsters historian scientist scientists researcher researchers
    economist economists supporter supporters opponent opponents ally allies friend friends man
    woman men women mother father wife husband son daughter brother sister student students worker
    workers resident residents moderator host anchor editor columnist ambassador envoy negotiator
    negotiators prosecutor prosecutors police investigator investigators government administration
    department agency campaign committee company group organization newspaper magazine statement
    report study poll survey letter memo document documents tweet email filing commander general
    soldier doctor doctors delegate donor donors insider veteran businessman billionaire mogul firm
    union council court commission network bank union authorities regime billionaire representative
    representatives member members counterpart coordinator premier chancellor fellow scholar
    """
)
BODIES = _words(
    """
    ministry government administration department agency campaign committee company group
    organization newspaper magazine statement report study poll survey letter memo document documents
    tweet email filing firm union council court commission network bank authorities regime police
    """
)
"""Those of them that are no human being."""
GENERIC = _words(
    """
    person official source man woman diplomat spokesman spokeswoman spokesperson aide adviser
    analyst
    """
)
GENERIC_LABELS = _words("q question questions reporter reporters press media audience")
"""Turn labels of those who ask."""

MALE = _words(
    """
    aaron adam ahmed alan albert alex alexander alexei ali allen amir andrew andy antony anthony
    barack ben benjamin bernie bill billy bob bobby boris brad brandon brent brett brian bruce carl
    carlos charles charlie chris christopher chuck corey craig dan daniel dave david dean denis
    dennis dmitry don donald doug douglas dwight ed eddie edward emmanuel eric ernest evan frank
    fred gary gene george gerald glenn gordon graham greg gregory harold harry henry herman hossein
    howard hugh ian jack jacob jake james jamie jared jason jay jeb jeff jeffrey jeremy jerry jim
    jimmy joe joel john johnny jon jonathan jose joseph josep josh joshua juan justin karl keith ken
    kenneth kevin kurt kyle larry lawrence lee leon lindsey lou louis luke marc marco mark martin
    marty matt matthew max michael mike mitch mitt mohammed mohammad muhammad nathan neil newt
    nicholas nick olaf oscar patrick paul pedro pete peter phil philip rafael ralph rand randy ray
    recep reince rex richard rick rob robby robert roger ron ronald rudy rush russell ryan sam
    samuel scott sean sergei sergey seth shawn stephen steve steven stuart ted terry thomas tim
    timothy todd tom tommy tony trey tyler victor vladimir volodymyr walter warren wayne wesley will
    william xavier zach
    """
)
FEMALE = _words(
    """
    abby alexandra alexandria alice alison allison amanda amy ana andrea angela anita ann anna anne
    april ashley barbara beth betsy betty brenda carly carol caroline catherine cathy charlotte
    cheryl christina christine cindy claire cynthia dana dawn deborah debbie denise diana diane
    donna dorothy elaine eleanor elizabeth ellen emily emma erica erin eva eve evelyn fiona frances
    gabrielle gail gina gloria grace hannah heather heidi helen hillary holly huma ivanka jane janet
    jean jen jennifer jessica jill joan joni joyce judith judy julia julie kamala karen karine kate
    katherine kathleen kathy katie kellyanne kelly kim kirsten kristen laura lauren leslie linda
    lisa liz lois loretta lori lucy lynn maggie margaret maria marie marine marsha martha mary
    maureen meg megan megyn melania melissa michelle monica nancy natalie nicole nikki nina olivia
    pam pamela patricia patty paula rachel rebecca robin rosa rose ruth sally samantha sandra sara
    sarah sharon sheila shirley sonia sophia stacey stephanie sue susan suzanne tammy teresa theresa
    tiffany tina tulsi ursula valerie vanessa victoria virginia wendy whitney
    """
)
NICKNAMES = {
    "joe": "joseph", "bill": "william", "mike": "michael", "jim": "james", "bob": "robert", "tom": "thomas",
    "tony": "anthony", "antony": "anthony", "dick": "richard", "rick": "richard", "jen": "jennifer",
    "liz": "elizabeth", "ted": "edward", "ed": "edward", "dave": "david", "steve": "stephen",
    "steven": "stephen", "jeff": "jeffrey", "bernie": "bernard", "jake": "jacob", "jack": "john",
    "kate": "katherine", "chuck": "charles", "charlie": "charles", "jon": "jonathan", "andy": "andrew",
    "ron": "ronald", "don": "donald", "pam": "pamela", "tim": "timothy", "greg": "gregory", "ben": "benjamin",
    "dmitri": "dmitry", "sergei": "sergey", "joey": "joseph", "bobby": "robert", "jimmy": "james",
}  # fmt: skip
