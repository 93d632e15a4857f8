//! The words that questions about recipes consist of. A question with other words may ask for something that no rule
//! covers, and is then left unanswered here.

use super::question::RecipeQuestion;
use crate::recipes::ask::vocabulary::{normalize, tokenize};
use crate::recipes::model::Recipe;
use crate::recipes::snapshot::RecipeEntry;

/// English words that ask, join, or name contents of recipes.
const ENGLISH: &str = "
    a about above across after against all also an and any are at based be been before begin begins being below between both but by can
    change changed changes come comes compare compared comparison consume consumed consumes consumption contain contains could course
    define defined describe did diff differ difference differences differs different do does done draw duration during each
    effective end ends entire equal exactly exceed exceeds fast fastest file final find first flow flows flowing for from
    gas gases give go goes graph grow growing grown grows growth had happen happens has have header heat heated high higher highest
    hold holds hot hottest how i in include includes is it its kind know last layer layers least less level like limit line list
    long loop loops low lower lowest made many max maximum may me mean min minimum minute minutes molar mole more most much name
    named need next number numbers of off on once one only open opened opens or origin other our out over overview parent
    pass passes peak per period periods plain please plot point pressure pressures process push quickest ramp ramped ramps
    range rate rates ratio reach reached reaches reactor recipe recipes revision repeat repeated repeats rotation run runs same
    sccm second seconds see set sets setpoint setpoints setting settings show shown shut side since size slm slow slowest
    source sources speed start starts state states steepest step steps still stop stops subroutine subroutines sum summary
    switch switched switches takes take taken tell temp temperature temperatures than that the their them then there these they this
    those through time times to torr total turn under undefined unknown unresolved until up upper usage use used uses using
    valve valves value values variable variables version versus very vs wait waiting waits want was we well wells were what when
    where whether which while who whole why will with within would you your mbar rpm celsius kelvin degree degrees carrier
    hydrogen nitrogen ammonia silane author supervisor operator system tool machine comment purpose substrate status customer
    bubbler bubblers bath vent dilute dilution inject injection shutter shutters cell cells power heater thick thickness how
    close closed closes condition conditions quantum structure stack device wafer's uses pair pairs twice mocvd mbe epi hour hours
    litre litres liter liters dopant doped doping net actual actually measured real pyrometer logged exceed exceeding exceeded
    allowed allow allows permitted range within limits manual manuals violate violates check checked called calls call read reads explain rows row column columns number's set-up order compute computed calculate calculated
";

/// Korean words that ask for things that no recipe contains.
const UNRELATED: [&str; 26] = [
    "재질",
    "가격",
    "비용",
    "수율",
    "불량",
    "파장",
    "휘도",
    "이동도",
    "저항",
    "농도",
    "결함",
    "곡률",
    "휨",
    "균일도",
    "재고",
    "납기",
    "알람",
    "에러",
    "점검",
    "교체",
    "정비",
    "안전",
    "누출",
    "순도",
    "제조사",
    "공급사",
];

/// Whether a question about recipes contains words that no rule knows.
pub(super) fn has_unknown_words(question: &RecipeQuestion<'_>, entries: &[&RecipeEntry]) -> bool {
    if UNRELATED.iter().any(|word| question.text.contains(word)) {
        return true;
    }
    let english: Vec<&str> = ENGLISH.split_whitespace().collect();
    let recipe_words: Vec<String> = entries
        .iter()
        .flat_map(|entry| words_of(entry.recipe()))
        .collect();
    question.words.iter().any(|word| {
        let small = word.lower.as_str();
        let is_long = small.len() >= 4 && small.bytes().all(|byte| byte.is_ascii_lowercase());
        is_long
            && !english.contains(&small)
            && !question
                .layers
                .iter()
                .any(|layer| layer.contains(small) || small.contains(layer.as_str()))
            && !question
                .species
                .iter()
                .any(|species| species.eq_ignore_ascii_case(small))
            && !recipe_words.iter().any(|known| known == small)
    })
}

/// Returns the words that the recipe itself uses for its steps, channels and variables.
fn words_of(recipe: &Recipe) -> Vec<String> {
    let labels = recipe
        .steps
        .iter()
        .flat_map(|step| step.label.iter().chain(&step.section));
    let channels = recipe.channels.iter().map(|channel| &channel.name);
    let variables = recipe.variables.iter().map(|variable| &variable.name);
    labels
        .chain(channels)
        .chain(variables)
        .flat_map(|text| tokenize(&normalize(text)))
        .map(|word| word.lower)
        .collect()
}
