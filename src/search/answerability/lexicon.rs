//! Words that carry little or much meaning.

/// Beginnings of Korean words that ask or connect sentences.
pub(super) const QUESTION_WORDS: &[&str] = &[
    "몇", "얼마", "언제", "어디", "무엇", "무슨", "뭐", "뭘", "뭔", "누가", "누구", "어떻", "어떤",
    "어느", "왜", "며칠",
];
/// Korean words with little meaning of their own.
pub(super) const WEAK_KOREAN: &[&str] = &[
    "때", "후", "전", "뒤", "동안", "위", "아래", "안", "밖", "다음", "바로", "다시", "새", "새로",
    "총", "때는", "전에", "후에", "뒤에", "중", "중에", "나면", "나서", "이면", "바로", "우리",
    "현재", "지금", "좀", "더", "다", "잘", "꼭", "미만", "이상", "이하", "초과", "정도", "보통",
    "뜻", "방법", "경우", "데", "것", "게", "수", "번", "개", "한", "두", "세", "네",
];
/// Beginnings of Korean verbs with little meaning of their own.
pub(super) const WEAK_VERBS: &[&str] = &[
    "하", "해", "했", "할", "한", "되", "돼", "됐", "될", "된", "있", "없", "같", "괜찮", "보이",
    "봐", "볼", "쓸", "써", "쓰", "걸리", "걸려", "나오", "나왔", "나와", "나가", "뜨", "떴",
    "알려", "부탁", "싶", "넣", "올려", "올라", "올랐", "주세", "받", "두", "둬", "가져", "설명",
    "알고", "기다",
];
/// Endings of Korean predicates, which are not the subject of a question.
pub(super) const WEAK_ENDINGS: &[&str] = &[
    "으면", "이면", "하면", "되면", "나면", "려면", "는데", "은데", "인데", "해서", "어서", "아서",
    "하고", "되고", "열고", "도록", "하는", "되는", "했을", "하기", "되기", "열기", "어요", "아요",
    "에요", "예요", "네요", "나요", "까요", "가요", "죠", "니까", "니다", "해도", "어도", "아도",
    "해야", "어야", "아야", "여야", "으며", "하며", "이건", "그건",
];
/// Terms of words whose answer is never a measured value: a question for the maker of a pump is not answered by the
/// rest of what a manual says about the pump.
pub(super) const ESSENTIAL: &[&str] = &[
    "cost",
    "guarante",
    "licens",
    "maker",
    "manufactur",
    "password",
    "phone",
    "price",
    "supplier",
    "vendor",
    "version",
    "warranti",
    "가격",
    "구매",
    "납품",
    "단가",
    "라이",
    "보증",
    "비용",
    "수당",
    "업체",
    "연락",
    "전화",
    "제조",
    "색",
];
/// Stems of English question words and of words with little meaning of their own.
pub(super) const WEAK_ENGLISH: &[&str] = &[
    "allow", "befor", "after", "begin", "between", "dure", "each", "exact", "far", "fast", "find",
    "get", "give", "goe", "happen", "have", "hold", "kind", "leav", "held", "list", "long", "look",
    "made", "make", "mani", "mean", "most", "much", "must", "need", "often", "old", "onli",
    "other", "put", "say", "see", "show", "soon", "start", "take", "tell", "until", "usual",
    "valu", "want",
];
