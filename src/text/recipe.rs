//! What answers from recipes say.

use crate::domain::Language::{self, English, Korean};

fn pick(language: Language, korean: String, english: String) -> String {
    match language {
        Korean => korean,
        English => english,
    }
}

/// A name that no recipe bears that the person may see. The same whether there is none or it may not be seen.
#[must_use]
pub fn no_such_recipe(language: Language, name: &str) -> String {
    pick(
        language,
        format!(
            "열람하실 수 있는 레시피 가운데 {name}라는 이름은 없습니다. 이름을 확인해 주십시오."
        ),
        format!("No recipe that you may read is named {name}. Please check the name."),
    )
}

/// A name that may mean several recipes.
#[must_use]
pub fn several(language: Language, names: &[String]) -> String {
    let names = names.join(", ");
    pick(
        language,
        format!(
            "이 이름에 해당하는 레시피가 여러 개입니다. 어느 것인지 이름을 모두 적어 주십시오: {names}"
        ),
        format!("Several recipes fit that name. Please write the whole name of one: {names}"),
    )
}

/// No step is named so.
#[must_use]
pub fn no_such_step(language: Language, recipe: &str, wanted: &str, steps: &[String]) -> String {
    let names = steps.join(", ");
    pick(
        language,
        format!(
            "{recipe}에는 {wanted}에 해당하는 단계가 없어 답할 수 없습니다. 있는 단계: {names}"
        ),
        format!(
            "{recipe} has no step that fits {wanted}, so there is no answer. Its steps: {names}"
        ),
    )
}

/// The recipe has no such channel.
#[must_use]
pub fn no_such_channel(language: Language, recipe: &str, wanted: &str) -> String {
    pick(
        language,
        format!("{recipe} 파일에는 {wanted}에 대한 설정이 적혀 있지 않습니다. 추정하지 않습니다."),
        format!("{recipe} does not state {wanted}. I do not guess it."),
    )
}

/// The value is not known at a step; the subroutines before it may set it.
#[must_use]
pub fn not_stated(language: Language, channel: &str, step: &str, calls: &[String]) -> String {
    let because = if calls.is_empty() {
        String::new()
    } else {
        let calls = calls.join(", ");
        pick(
            language,
            format!(" 이 파일에 정의되지 않은 서브루틴({calls})이 정할 수는 있습니다."),
            format!(" A subroutine that this file does not define may set it: {calls}."),
        )
    };
    pick(
        language,
        format!("{step} 단계까지 {channel} 값이 파일에 적혀 있지 않아 답할 수 없습니다.{because}"),
        format!(
            "The file states no value of {channel} up to the step {step}, so there is no answer.{because}"
        ),
    )
}

/// Recipes hold setpoints, nothing measured.
#[must_use]
pub fn setpoints_only(language: Language, recipe: &str) -> String {
    pick(
        language,
        format!(
            "{recipe} 레시피에는 설정값만 있고 측정값은 없어 답할 수 없습니다. 측정값은 런 로그에서 확인해 주십시오."
        ),
        format!(
            "The recipe {recipe} holds setpoints only and nothing measured, so there is no answer. Measured values are in the log of the run."
        ),
    )
}

/// A setpoint of one step.
#[must_use]
pub fn setpoint(
    language: Language,
    value: &str,
    channel: &str,
    step: &str,
    recipe: &str,
) -> String {
    pick(
        language,
        format!("**{value}** — {recipe}의 {step} 단계에서 {channel} 설정값입니다"),
        format!("**{value}** — the setpoint of {channel} in the step {step} of {recipe}"),
    )
}

/// Where a setpoint was given that still holds.
#[must_use]
pub fn given_in(language: Language, step: &str, raw: &str, line: u32) -> String {
    pick(
        language,
        format!("이 값은 {step} 단계에서 {raw}로 정해집니다({line}행)"),
        format!("It is given in the step {step} as {raw} (line {line})"),
    )
}

/// What the expression of a setpoint is made of.
#[must_use]
pub fn with_variable(language: Language, name: &str, value: &str, line: u32) -> String {
    pick(
        language,
        format!("변수 {name} = {value}({line}행)"),
        format!("variable {name} = {value} (line {line})"),
    )
}

/// A ramp that takes longer than its step.
#[must_use]
pub fn ramp_outlasts(language: Language, ramp: &str, step: &str) -> String {
    pick(
        language,
        format!(
            "램프 시간 {ramp}가 단계 시간 {step}보다 길어, 이 단계가 끝날 때는 아직 이 값에 이르지 않습니다"
        ),
        format!(
            "Its ramp takes {ramp}, longer than the step ({step}), so the value is not reached when the step ends"
        ),
    )
}

/// Several steps fit; each has its row.
#[must_use]
pub fn setpoints(language: Language, recipe: &str, channel: &str, count: usize) -> String {
    pick(
        language,
        format!("{recipe}에서 해당하는 단계 {count}개의 {channel} 설정값입니다."),
        format!("{channel} in the {count} steps of {recipe} that fit:"),
    )
}

/// How long a step takes.
#[must_use]
pub fn step_time(language: Language, recipe: &str, step: &str, time: &str) -> String {
    pick(
        language,
        format!("**{time}** — {recipe}의 {step} 단계 시간입니다"),
        format!("**{time}** — the time of the step {step} of {recipe}"),
    )
}

/// How often a loop around a step runs, and what that makes.
#[must_use]
pub fn repeated(language: Language, count: u32, total: &str) -> String {
    pick(
        language,
        format!("반복 {count}회, 합계 {total}"),
        format!("repeated {count} times, {total} in all"),
    )
}

/// A step that waits has no time.
#[must_use]
pub fn step_waits(language: Language, step: &str, condition: &str) -> String {
    pick(
        language,
        format!("{step} 단계는 조건({condition})을 기다리므로 정해진 시간이 없습니다"),
        format!("The step {step} waits for a condition ({condition}), so it has no set time"),
    )
}

/// Loops of a recipe.
#[must_use]
pub fn loops(language: Language, recipe: &str, count: u32, what: &str) -> String {
    pick(
        language,
        format!("**{count}회** — {recipe}의 반복문이 {what} 단계를 포함하여 {count}번 실행됩니다"),
        format!("**{count}** — the loop of {recipe} with the step {what} runs {count} times"),
    )
}

#[must_use]
pub fn no_loops(language: Language, recipe: &str) -> String {
    pick(
        language,
        format!("{recipe}에는 해당하는 반복문이 없습니다."),
        format!("{recipe} has no such loop."),
    )
}

/// Total and growth time.
#[must_use]
pub fn total(language: Language, recipe: &str, minutes: &str, clock: &str) -> String {
    pick(
        language,
        format!("{recipe}: 시간이 정해진 단계의 합계는 **{minutes}분**({clock})입니다."),
        format!("{recipe}: the steps with a set time take **{minutes} min** in all ({clock})."),
    )
}

#[must_use]
pub fn growth(language: Language, minutes: &str, clock: &str, sources: &str) -> String {
    pick(
        language,
        format!("성장 시간({sources} 런 밸브 열림)은 **{minutes}분**({clock})입니다."),
        format!("Growth time (run valve of {sources} open): **{minutes} min** ({clock})."),
    )
}

#[must_use]
pub fn not_counted(language: Language, waits: usize, calls: usize) -> String {
    match (waits, calls) {
        (0, 0) => String::new(),
        _ => pick(
            language,
            format!(
                "조건을 기다리는 단계 {waits}회와 정의되지 않은 서브루틴 {calls}개는 시간이 정해져 있지 않아 빠져 있습니다."
            ),
            format!(
                "Not counted, since they have no set time: {waits} waits on a condition, {calls} subroutines that the file does not define."
            ),
        ),
    }
}

/// A recipe could not be run through to its end.
#[must_use]
pub fn incomplete(language: Language, recipe: &str) -> String {
    pick(
        language,
        format!(
            "{recipe}의 반복 횟수를 이 파일만으로는 모두 알 수 없어 합계를 계산할 수 없습니다."
        ),
        format!(
            "Not every loop of {recipe} can be counted from this file, so no total can be given."
        ),
    )
}

/// Steps that wait on a condition.
#[must_use]
pub fn waits(language: Language, recipe: &str, count: usize) -> String {
    pick(
        language,
        format!("{recipe}에서 조건을 기다리는 단계는 **{count}개**입니다."),
        format!("Steps of {recipe} that wait on a condition: **{count}**"),
    )
}

#[must_use]
pub fn no_waits(language: Language, recipe: &str) -> String {
    pick(
        language,
        format!("{recipe}에는 조건을 기다리는 단계가 없습니다."),
        format!("No step of {recipe} waits on a condition."),
    )
}

/// Subroutines that are not defined.
#[must_use]
pub fn unresolved(language: Language, recipe: &str, count: usize) -> String {
    pick(
        language,
        format!("{recipe}가 호출하지만 이 파일에 정의되지 않은 서브루틴은 **{count}개**입니다."),
        format!("Subroutines that {recipe} calls and does not define: **{count}**"),
    )
}

#[must_use]
pub fn no_unresolved(language: Language, recipe: &str) -> String {
    pick(
        language,
        format!("{recipe}에는 정의되지 않은 서브루틴 호출이 없습니다."),
        format!("{recipe} calls no subroutine that it does not define."),
    )
}

/// Files that it reads.
#[must_use]
pub fn includes(language: Language, names: &str) -> String {
    pick(
        language,
        format!("먼저 읽는 파일: {names}"),
        format!("It reads before: {names}"),
    )
}

/// What the recipe was made from.
#[must_use]
pub fn based_on(language: Language, recipe: &str, origin: &str) -> String {
    pick(
        language,
        format!("{recipe}는 **{origin}**를 바탕으로 합니다"),
        format!("{recipe} is based on **{origin}**"),
    )
}

/// The carrier gas changes.
#[must_use]
pub fn carrier(language: Language, recipe: &str, count: usize) -> String {
    pick(
        language,
        format!("{recipe}의 캐리어 밸브 전환은 {count}번입니다."),
        format!("Steps of {recipe} in which carrier valves switch: {count}"),
    )
}

/// When a run valve is open.
#[must_use]
pub fn open_times(language: Language, recipe: &str, valve: &str, count: usize) -> String {
    pick(
        language,
        format!("{recipe}에서 {valve}가 열려 있는 구간은 {count}개입니다."),
        format!("Spans of {recipe} with {valve} open: {count}"),
    )
}

#[must_use]
pub fn never_opens(language: Language, recipe: &str, valve: &str) -> String {
    pick(
        language,
        format!("{recipe}에서 {valve}는 열리지 않습니다."),
        format!("{valve} of {recipe} never opens."),
    )
}

/// The fastest ramp.
#[must_use]
pub fn fastest(
    language: Language,
    recipe: &str,
    channel: &str,
    rate: &str,
    from_to: &str,
    time: &str,
    step: &str,
) -> String {
    pick(
        language,
        format!(
            "**{rate}** — {recipe}에서 {channel}의 가장 빠른 램프는 {step} 단계입니다: {from_to}, {time}"
        ),
        format!(
            "**{rate}** — the fastest ramp of {channel} in {recipe} is in the step {step}: {from_to} in {time}"
        ),
    )
}

#[must_use]
pub fn no_ramp(language: Language, recipe: &str, channel: &str) -> String {
    pick(
        language,
        format!("{recipe}에는 시작값과 시간이 모두 알려진 {channel} 램프가 없습니다."),
        format!("{recipe} has no ramp of {channel} whose beginning and time are known."),
    )
}

#[must_use]
pub fn unknown_ramps(language: Language, count: usize) -> String {
    pick(
        language,
        format!("시작값이나 시간을 알 수 없는 램프 {count}개는 비교하지 않았습니다."),
        format!("Ramps whose beginning or time is unknown were not compared: {count}."),
    )
}

/// The highest or lowest setpoint.
#[must_use]
pub fn extreme(
    language: Language,
    recipe: &str,
    channel: &str,
    value: &str,
    step: &str,
    is_most: bool,
) -> String {
    let (korean, english) = if is_most {
        ("가장 높은", "highest")
    } else {
        ("가장 낮은", "lowest")
    };
    pick(
        language,
        format!("**{value}** — {recipe}에서 {korean} {channel} 설정값이며, {step} 단계입니다"),
        format!(
            "**{value}** — the {english} setpoint of {channel} in {recipe}, in the step {step}"
        ),
    )
}

/// Recipes that were found, and by what.
#[must_use]
pub fn found(language: Language, count: usize, what: &str) -> String {
    pick(
        language,
        format!("열람하실 수 있는 레시피 가운데 조건({what})에 맞는 것은 **{count}개**입니다."),
        format!("Recipes that fit ({what}): **{count}** of those that you may read"),
    )
}

#[must_use]
pub fn found_steps(language: Language, count: usize, recipes: usize, what: &str) -> String {
    pick(
        language,
        format!("조건({what})에 맞는 단계는 레시피 {recipes}개에서 **{count}개**입니다."),
        format!(
            "Steps that fit ({what}): **{count}**, in {recipes} of the recipes that you may read"
        ),
    )
}

#[must_use]
pub fn nothing_found(language: Language, what: &str) -> String {
    pick(
        language,
        format!("열람하실 수 있는 레시피 가운데 조건({what})에 맞는 것이 없습니다."),
        format!("Nothing in the recipes that you may read fits ({what})."),
    )
}

#[must_use]
pub fn and_more(language: Language, count: usize) -> String {
    pick(
        language,
        format!("그 밖에 {count}개가 더 있습니다. 조건을 좁혀 주십시오."),
        format!("There are {count} more. Please narrow it down."),
    )
}

/// Two recipes, compared.
#[must_use]
pub fn differences(
    language: Language,
    one: &str,
    other: &str,
    changed: usize,
    added: usize,
    removed: usize,
) -> String {
    pick(
        language,
        format!(
            "{one}에서 {other}로: 바뀐 단계 {changed}개, 추가된 단계 {added}개, 없어진 단계 {removed}개입니다."
        ),
        format!(
            "From {one} to {other}: {changed} steps changed, {added} added, {removed} removed."
        ),
    )
}

#[must_use]
pub fn no_differences(language: Language, one: &str, other: &str) -> String {
    pick(
        language,
        format!("{one}와 {other}는 설정값이 모두 같습니다."),
        format!("{one} and {other} have the same settings."),
    )
}

#[must_use]
pub fn losses(language: Language, recipe: &str, count: usize) -> String {
    pick(
        language,
        format!("{recipe}의 {count}곳은 읽지 못했으며 위 내용에 들어 있지 않습니다."),
        format!("{count} places of {recipe} could not be read and are not part of this."),
    )
}

/// Nothing to compare with.
#[must_use]
pub fn compare_with_what(language: Language, recipe: &str) -> String {
    pick(
        language,
        format!("{recipe}를 어느 레시피와 비교할지 이름을 함께 적어 주십시오."),
        format!("Please name the recipe that {recipe} is to be compared with."),
    )
}

/// The recipe that this one is based on is not there.
#[must_use]
pub fn origin_not_there(language: Language, recipe: &str, origin: &str) -> String {
    pick(
        language,
        format!(
            "{recipe}는 {origin}를 바탕으로 하지만, 그 레시피는 열람하실 수 있는 레시피에 없어 비교할 수 없습니다"
        ),
        format!(
            "{recipe} is based on {origin}, which is not among the recipes that you may read, so they cannot be compared"
        ),
    )
}

/// A derived value.
#[must_use]
pub fn derived(language: Language, what: &str, value: &str, step: &str, recipe: &str) -> String {
    pick(
        language,
        format!("**{value}** — {recipe}의 {step} 단계에서 계산한 {what}입니다."),
        format!("**{value}** — {what} in the step {step} of {recipe}, computed."),
    )
}

#[must_use]
pub fn derived_total(language: Language, what: &str, value: &str, recipe: &str) -> String {
    pick(
        language,
        format!("**{value}** — {recipe} 전체에서 계산한 {what}입니다."),
        format!("**{value}** — {what} over the whole of {recipe}, computed."),
    )
}

#[must_use]
pub fn formula(language: Language, formula: &str) -> String {
    pick(
        language,
        format!("- 계산식: {formula}"),
        format!("- Formula: {formula}"),
    )
}

#[must_use]
pub fn inputs(language: Language, inputs: &str) -> String {
    pick(
        language,
        format!("- 입력값: {inputs}"),
        format!("- Inputs: {inputs}"),
    )
}

#[must_use]
pub fn assumptions(language: Language, assumptions: &str) -> String {
    pick(
        language,
        format!("- 가정: {assumptions}"),
        format!("- Assumptions: {assumptions}"),
    )
}

#[must_use]
pub fn assume_bubbler(language: Language) -> String {
    pick(
        language,
        "캐리어가 버블러에서 포화됨, 버블러 압력은 mbar, 유량은 표준 상태(0 °C, 1013 mbar), 증기압 상수는 공급사 자료".to_owned(),
        "the carrier leaves the bubbler saturated, bubbler pressure in mbar, flows at 0 °C and 1013 mbar, vapour pressure constants as suppliers publish them".to_owned(),
    )
}

#[must_use]
pub fn assume_gas(language: Language) -> String {
    pick(
        language,
        "유량은 표준 상태(0 °C, 1013 mbar)의 순수한 기체".to_owned(),
        "flows are of the pure gas at 0 °C and 1013 mbar".to_owned(),
    )
}

#[must_use]
pub fn assume_use(language: Language) -> String {
    pick(
        language,
        "런 밸브가 열린 단계만, 램프는 직선, 조건을 기다리는 시간은 제외".to_owned(),
        "only steps with the run valve open, ramps in a straight line, time spent waiting on conditions left out".to_owned(),
    )
}

/// What keeps a value from being derived.
#[must_use]
pub fn cannot_derive(
    language: Language,
    what: &str,
    recipe: &str,
    step: &str,
    missing: &str,
) -> String {
    pick(
        language,
        format!("{recipe}의 {step} 단계에서 {what}은(는) 계산할 수 없습니다. {missing}"),
        format!("{what} cannot be computed for the step {step} of {recipe}. {missing}"),
    )
}

#[must_use]
pub fn missing_setpoint(language: Language, name: &str) -> String {
    pick(
        language,
        format!("파일에 {name} 값이 적혀 있지 않습니다."),
        format!("The file does not state {name}."),
    )
}

#[must_use]
pub fn missing_bubbler(language: Language, name: &str) -> String {
    pick(
        language,
        format!("파일 머리말에 {name} 버블러 온도가 없습니다."),
        format!("The header does not state the bubbler temperature of {name}."),
    )
}

#[must_use]
pub fn missing_vapour(language: Language, name: &str) -> String {
    pick(
        language,
        format!("{name}의 증기압 상수를 알지 못합니다."),
        format!("The vapour pressure constants of {name} are not known."),
    )
}

#[must_use]
pub fn missing_unit(language: Language, name: &str) -> String {
    pick(
        language,
        format!("{name}의 단위가 적혀 있지 않습니다."),
        format!("The unit of {name} is not stated."),
    )
}

#[must_use]
pub fn bubbler_boils(language: Language, name: &str) -> String {
    pick(
        language,
        format!("{name} 버블러 압력이 증기압보다 낮아 식이 성립하지 않습니다."),
        format!(
            "The pressure in the bubbler of {name} is below the vapour pressure, so the formula does not hold."
        ),
    )
}

#[must_use]
pub fn no_source_open(language: Language, group: &str) -> String {
    pick(
        language,
        format!("이 단계에서 런 밸브가 열린 {group}족 소스가 없습니다."),
        format!("No group-{group} source has its run valve open in that step."),
    )
}

/// The recipe in short.
#[must_use]
pub fn summary(language: Language, recipe: &str, steps: usize, runs: usize) -> String {
    pick(
        language,
        format!("**{recipe}** — 단계 {steps}개, 반복을 펼치면 {runs}개입니다."),
        format!("**{recipe}** — {steps} steps, {runs} with its loops run through."),
    )
}

/// What a header says.
#[must_use]
pub fn stated(language: Language, what: Fact, recipe: &str, value: &str) -> String {
    let what = fact(language, what);
    pick(
        language,
        format!("{recipe}의 {what}: **{value}**"),
        format!("{what} of {recipe}: **{value}**"),
    )
}

#[must_use]
pub fn fact_not_stated(language: Language, what: Fact, recipe: &str) -> String {
    let what = fact(language, what);
    pick(
        language,
        format!("{recipe} 파일에는 {what}이(가) 적혀 있지 않습니다."),
        format!("{recipe} does not state its {what}."),
    )
}

/// What a header may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    Author,
    Tool,
    Comment,
    Substrate,
    Revision,
    Status,
    Customer,
    Effective,
    BubblerTemperature,
    Variable,
}

/// A fact's name.
#[must_use]
pub fn fact(language: Language, fact: Fact) -> String {
    let (korean, english) = match fact {
        Fact::Author => ("작성자", "author"),
        Fact::Tool => ("장비", "tool"),
        Fact::Comment => ("설명", "comment"),
        Fact::Substrate => ("기판", "substrate"),
        Fact::Revision => ("개정", "revision"),
        Fact::Status => ("상태", "status"),
        Fact::Customer => ("고객", "customer"),
        Fact::Effective => ("시행일", "date"),
        Fact::BubblerTemperature => ("버블러 온도", "bubbler temperature"),
        Fact::Variable => ("변수", "variables"),
    };
    match language {
        Korean => korean,
        English => english,
    }
    .to_owned()
}

/// A label's claim is no setpoint.
#[must_use]
pub fn claim(language: Language, recipe: &str) -> String {
    pick(
        language,
        format!("{recipe}의 단계 이름에 적힌 내용입니다. 이름일 뿐 설정값이나 측정값이 아닙니다."),
        format!(
            "This is what the names of the steps of {recipe} say. It is a name, neither a setpoint nor measured."
        ),
    )
}

/// Heads of table columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    Recipe,
    Step,
    Setting,
    Before,
    After,
    Value,
    Time,
    Line,
    Source,
    Condition,
    Limit,
    Verdict,
    Title,
    Tool,
    Steps,
    Total,
}

#[must_use]
pub fn head(language: Language, head: Head) -> &'static str {
    let (korean, english) = match head {
        Head::Recipe => ("레시피", "Recipe"),
        Head::Step => ("단계", "Step"),
        Head::Setting => ("설정", "Setting"),
        Head::Before => ("이전", "Before"),
        Head::After => ("이후", "After"),
        Head::Value => ("값", "Value"),
        Head::Time => ("시간", "Time"),
        Head::Line => ("행", "Line"),
        Head::Source => ("출처", "Source"),
        Head::Condition => ("조건", "Condition"),
        Head::Limit => ("한계", "Limit"),
        Head::Verdict => ("판정", "Verdict"),
        Head::Title => ("설명", "Comment"),
        Head::Tool => ("장비", "Tool"),
        Head::Steps => ("단계 수", "Steps"),
        Head::Total => ("합계", "Total"),
    };
    match language {
        Korean => korean,
        English => english,
    }
}

/// What happened to a step.
#[must_use]
pub fn added(language: Language) -> &'static str {
    match language {
        Korean => "추가됨",
        English => "added",
    }
}

#[must_use]
pub fn removed(language: Language) -> &'static str {
    match language {
        Korean => "없어짐",
        English => "removed",
    }
}

/// A value that comes from a step before.
#[must_use]
pub fn inherited(language: Language) -> &'static str {
    match language {
        Korean => "앞 단계에서",
        English => "from before",
    }
}

#[must_use]
pub fn unknown(language: Language) -> &'static str {
    match language {
        Korean => "알 수 없음",
        English => "unknown",
    }
}

#[must_use]
pub fn open(language: Language, is_open: bool) -> &'static str {
    match (language, is_open) {
        (Korean, true) => "열림",
        (Korean, false) => "닫힘",
        (English, true) => "open",
        (English, false) => "closed",
    }
}

/// The settings of a step that are not a channel: its time, and how often it is repeated.
#[must_use]
pub fn loop_count(language: Language) -> &'static str {
    match language {
        Korean => "반복 횟수",
        English => "loop count",
    }
}

/// A drawing goes with the answer.
#[must_use]
pub fn plot(language: Language, recipe: &str) -> String {
    pick(
        language,
        format!("{recipe}의 온도, 압력, 유량 그래프입니다."),
        format!("Temperature, pressure and flows of {recipe} over time."),
    )
}

/// Waits have no length in a drawing.
#[must_use]
pub fn plot_waits(language: Language) -> String {
    pick(
        language,
        "조건을 기다리는 시간은 그래프에 나타나지 않습니다.".to_owned(),
        "Time spent waiting on conditions is not shown.".to_owned(),
    )
}

/// A recipe was held against the limits of the documents.
#[must_use]
pub fn checked(language: Language, recipe: &str, broken: usize, held: usize) -> String {
    pick(
        language,
        format!(
            "{recipe}: 문서의 한계를 벗어난 설정 **{broken}개**, 한계 안에 있는 항목 {held}개입니다."
        ),
        format!(
            "{recipe}: **{broken}** setpoints outside the limits that the documents state, {held} quantities inside."
        ),
    )
}

/// No limit fits any setting of the recipe.
#[must_use]
pub fn no_limits(language: Language, recipe: &str) -> String {
    pick(
        language,
        format!(
            "열람하실 수 있는 문서의 표에서 {recipe}의 설정에 해당하는 한계를 찾지 못했습니다."
        ),
        format!(
            "No table of the documents that you may read states a limit for a setting of {recipe}."
        ),
    )
}

/// Limits that were not compared.
#[must_use]
pub fn unmatched(language: Language, count: usize) -> String {
    if count == 0 {
        return String::new();
    }
    pick(
        language,
        format!(
            "표의 한계 {count}개는 조건이 붙어 있거나 이 레시피의 설정 이름과 맞지 않아 비교하지 않았습니다. 온도 0은 히터 꺼짐으로 보았습니다."
        ),
        format!(
            "Limits that were not compared, since they hold under a condition or name no setting of this recipe: {count}. A temperature of 0 counts as heater off."
        ),
    )
}

#[must_use]
pub fn outside(language: Language) -> &'static str {
    match language {
        Korean => "벗어남",
        English => "outside",
    }
}

#[must_use]
pub fn inside(language: Language) -> &'static str {
    match language {
        Korean => "안",
        English => "inside",
    }
}
