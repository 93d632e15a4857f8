use super::*;

const RECIPE: &str = "`LED450`";
const STEP: &str = "`b03 u-GaN`";

fn about(language: Language) -> Vec<String> {
    let mut said: Vec<String> = [
        Fact::Author,
        Fact::Tool,
        Fact::Comment,
        Fact::Substrate,
        Fact::Revision,
        Fact::Status,
        Fact::Customer,
        Fact::Effective,
        Fact::BubblerTemperature,
        Fact::Variable,
    ]
    .iter()
    .flat_map(|what| {
        [
            fact(language, *what),
            stated(language, *what, RECIPE, "A"),
            fact_not_stated(language, *what, RECIPE),
        ]
    })
    .collect();
    said.extend([
        summary(language, RECIPE, 42, 60),
        based_on(language, RECIPE, "`LED449`"),
        plot(language, RECIPE),
        plot_waits(language),
        unknown(language).to_owned(),
        open(language, true).to_owned(),
        open(language, false).to_owned(),
    ]);
    said
}

fn column_names(language: Language) -> Vec<String> {
    [
        TableColumn::Recipe,
        TableColumn::Step,
        TableColumn::Setting,
        TableColumn::Before,
        TableColumn::After,
        TableColumn::Value,
        TableColumn::Time,
        TableColumn::Line,
        TableColumn::Source,
        TableColumn::Condition,
        TableColumn::Limit,
        TableColumn::Verdict,
        TableColumn::Title,
        TableColumn::Tool,
        TableColumn::Steps,
        TableColumn::Total,
    ]
    .map(|what| column_name(language, what).to_owned())
    .to_vec()
}

fn checks_and_commands(language: Language) -> Vec<String> {
    vec![
        checked(language, RECIPE, 0, 3),
        checked(language, RECIPE, 1, 3),
        no_limits(language, RECIPE),
        unmatched(language, 2),
        outside(language).to_owned(),
        inside(language).to_owned(),
        no_recipes(language),
        no_condition(language, "fast"),
        command_help(language, "/recipe"),
        drawing(language, RECIPE),
        drawn_for(language, "<@U1>", "/recipe plot LED450"),
        not_attached(language),
    ]
}

fn comparisons(language: Language) -> Vec<String> {
    vec![
        differences(language, RECIPE, "`LED451`", 3, 1, 0),
        no_differences(language, RECIPE, "`LED451`"),
        losses(language, RECIPE, 2),
        compare_with_what(language, RECIPE),
        origin_not_there(language, RECIPE, "`LED449`"),
        added(language).to_owned(),
        removed(language).to_owned(),
        inherited(language).to_owned(),
        loop_count(language).to_owned(),
        variable(language).to_owned(),
        bubbler(language).to_owned(),
    ]
}

fn courses(language: Language) -> Vec<String> {
    vec![
        loops(language, RECIPE, 15, "2 steps"),
        no_loops(language, RECIPE),
        total(language, RECIPE, "281.9", "4:41:52"),
        growth(language, "277.7", "4:37:42", "TMGa"),
        not_counted(language, 2, 4),
        not_counted(language, 1, 1),
        incomplete(language, RECIPE),
        waits(language, RECIPE, 2),
        no_waits(language, RECIPE),
        unresolved(language, RECIPE, 4),
        no_unresolved(language, RECIPE),
        includes(language, "`hx7_common`"),
        carrier(language, RECIPE, 2),
        open_times(language, RECIPE, "`TMGa_1.run`", 3),
        never_opens(language, RECIPE, "`TMAl_1.run`"),
        fastest(
            language,
            RECIPE,
            "T",
            "60 K/min",
            "500 → 800 °C",
            "5:00",
            STEP,
        ),
        no_ramp(language, RECIPE, "T"),
        unknown_ramps(language, 1),
        extreme(language, RECIPE, "T", "1040 °C", STEP, true),
        extreme(language, RECIPE, "T", "540 °C", STEP, false),
    ]
}

fn derivations(language: Language) -> Vec<String> {
    vec![
        derived(language, "V/III", "1240", STEP, RECIPE),
        derived_total(language, "NH3", "184 l", RECIPE),
        formula(language, "n = F / V"),
        inputs(language, "F = 30 sccm"),
        assumptions(language, "0 °C"),
        assume_bubbler(language),
        assume_gas(language),
        assume_use(language),
        cannot_derive(language, "V/III", RECIPE, STEP, "NH3"),
        missing_setpoint(language, "NH3"),
        missing_bubbler(language, "TMGa"),
        missing_vapour(language, "TMX"),
        missing_unit(language, "M05"),
        bubbler_boils(language, "TMGa"),
        no_source_open(language, "III"),
    ]
}

fn finds(language: Language) -> Vec<String> {
    let names = ["`A`".to_owned(), "`B`".to_owned()];
    vec![
        no_such_recipe(language, "`X`"),
        several(language, &names),
        no_such_step(language, RECIPE, "`x9`", &names),
        no_such_channel(language, RECIPE, "`TMIn flow`"),
        found(language, 2, "TMGa > 30 sccm"),
        found_steps(language, 5, 2, "T ≥ 1100 °C"),
        nothing_found(language, "T ≥ 2000 °C"),
        and_more(language, 12),
    ]
}

fn lookups(language: Language) -> Vec<String> {
    let calls = ["`Cooldown`".to_owned()];
    vec![
        setpoint(language, "740 °C", "`ReactorTemp`", STEP, RECIPE),
        given_in(language, STEP, "`730+Offset`", 120),
        with_variable(language, "`Offset`", "10", 28),
        ramp_outlasts(language, "5:00", "2:00"),
        setpoints(language, RECIPE, "`ReactorTemp`", 3),
        step_time(language, RECIPE, STEP, "33:00"),
        repeated(language, 15, "30:00"),
        step_waits(language, STEP, "`ReactorTemp > 500`"),
        claim(language, RECIPE),
        not_stated(language, "`ReactorTemp`", STEP, &[]),
        not_stated(language, "`ReactorTemp`", STEP, &calls),
        setpoints_only(language, RECIPE),
        step_settings(language, RECIPE, 1),
        step_settings(language, RECIPE, 4),
    ]
}

#[test]
fn every_sentence_of_both_languages() {
    let said: Vec<String> = [English, Korean]
        .into_iter()
        .flat_map(|language| {
            [
                about(language),
                column_names(language),
                checks_and_commands(language),
                comparisons(language),
                courses(language),
                derivations(language),
                finds(language),
                lookups(language),
            ]
            .concat()
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}
