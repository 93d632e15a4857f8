//! Phrases that show what a question asks for, separated by `|`. Latin ones match whole words only.

/// Asks for a plot.
pub(super) const PLOT: &str = "plot|graph|chart|draw|그래프|그려|플롯|도표";
/// Asks what a recipe was made from.
pub(super) const ORIGIN: &str =
    "based on|derived from|parent|origin|made from|기반|바탕|원본|근거한|파생";
pub(super) const BUBBLERS: &str =
    "bubbler temperature|bath temperature|bubbler temperatures|버블러 온도|항온조 온도|버블러는 몇";
pub(super) const VARIABLES: &str = "variable|variables|변수";
pub(super) const AUTHOR: &str =
    "supervisor|author|who wrote|who made|written by|작성자|담당자|누가";
pub(super) const TOOL: &str = "which tool|what tool|which system|what system|which reactor|what reactor|machine|어떤 장비|어느 장비|장비는|무슨 장비|어느 반응로";
pub(super) const SUBSTRATE: &str = "substrate|기판";
pub(super) const REVISION: &str = "revision|개정";
pub(super) const STATUS: &str = "status|approved|승인 상태|승인되|승인된|상태는";
pub(super) const CUSTOMER: &str = "customer|고객";
pub(super) const EFFECTIVE: &str = "effective date|dated|when was it run|시행일|날짜";
pub(super) const COMMENT: &str = "comment|purpose|what is it for|설명|목적|코멘트";
/// Asks for the ratio of group V to group III.
pub(super) const RATIO: &str =
    "v/iii|v-iii|v / iii|v/ⅲ|ⅴ/ⅲ|5/3 ratio|5족/3족|v/iii비|v/iii 비|오삼비";
pub(super) const MOLAR: &str =
    "µmol|umol|mol/min|µmol/min|molar|molar flow|mole flow|몰 유량|몰유량|몰플로우";
pub(super) const DOPANT: &str = "effective dopant|effective flow|dopant flow|net flow|유효 도펀트|유효 유량|도펀트 유량|실효 유량";
pub(super) const CONSUMPTION: &str = "consumption|consume|consumes|consumed|gas use|usage|how much|litres|liters|사용량|소모량|소비량|소모|몇 리터|얼마나 쓰|얼마나 사용";
/// Comparisons after a number with its unit.
pub(super) const AT_LEAST_AFTER: &str =
    "이상|or more|or above|or higher|and above|and up|or greater";
pub(super) const AT_MOST_AFTER: &str = "이하|이내|or less|or below|or lower|at most";
pub(super) const ABOVE_AFTER: &str = "초과|넘|높은|높게|큰|위로";
pub(super) const BELOW_AFTER: &str = "미만|낮은|안 되는|아래|밑";
/// Comparisons before a number.
pub(super) const AT_LEAST: &str = "at least|>=|≥|no less than|not less than|from";
pub(super) const AT_MOST: &str = "at most|<=|≤|up to|no more than|not more than";
pub(super) const ABOVE: &str = "above|over|more than|higher than|greater than|exceed|exceeds|exceeding|exceeded|beyond|hotter than|>";
pub(super) const BELOW: &str = "below|under|less than|lower than|colder than|<";
pub(super) const EXACTLY: &str = "exactly|equal to|at|=|정확히";
/// Asks whether setpoints are within the limits of the manuals.
pub(super) const LIMITS: &str = "limit|limits|within limits|allowed|allow|permitted|out of range|한계|한도|허용|제한|벗어나|초과하는 설정|위반";
/// Asks for what documents say, next to anything else.
pub(super) const DOCUMENTS: &str = "manual|manuals|sop|sops|procedure|procedures|guide|guideline|guidelines|document|documents|documentation|specification|instructions|매뉴얼|메뉴얼|설명서|절차|지침|가이드|문서|사양서|작업 표준|표준서";
