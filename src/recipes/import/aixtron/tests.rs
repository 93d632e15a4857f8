use super::*;
use crate::recipes::model::{Action, ChannelKind, ConditionKind, Node, Step, Variable};

const SCRIPT: &str = r#"# System: 1529 (AIX200/4HT-S)
# Supervisor: JW
# Based on: T2116
# TMGa_1: 0
read sub.epi;
variable Offset = 10;
layer {
	Pumpdown_v1.0;
	# Buffer ########################
	2:00	"(e02) ramp up", ReactorTemp to 1120+Offset,
		TMGa_1.source = 13, TMGa_1.push follow 500 - TMGa_1.source;
		"(e08) wait", until ReactorTemp >> 1119+Offset;
	loop 2 { loop 3 {
		17.2 "22 grow", TMGa_1.run = open, ReactorTemp to 820 in 120;
	} }
	5 "end", TMGa_1.run close, Heater off, begin stat Data;
	Cooldown_v1.1;
}
#WININFO 4, 558
"#;

#[test]
fn a_script_is_read_with_the_line_of_everything() {
    let recipe = read("dir/T2118.epi", SCRIPT);
    assert_eq!(recipe.losses, []);
    assert_eq!(recipe.id, "T2118");
    let based_on = recipe.header.based_on.as_ref().unwrap();
    assert_eq!((based_on.text.as_str(), based_on.line), ("T2116", 3));
    assert_eq!(recipe.includes[0].text, "sub.epi");
    let calls: Vec<_> = recipe
        .unresolved()
        .iter()
        .map(|call| (call.text.as_str(), call.line))
        .collect();
    assert_eq!(calls, [("Pumpdown_v1.0", 8), ("Cooldown_v1.1", 17)]);
    assert_eq!(recipe.steps.len(), 4);

    let ramp = &recipe.steps[0];
    assert_eq!(ramp.lines, (10, 11));
    assert_eq!(ramp.number.as_deref(), Some("e02"));
    assert_eq!(ramp.section.as_deref(), Some("Buffer"));
    assert_eq!(ramp.seconds(), Some(120.0));
    let Action::Ramp { to, seconds: None } = &ramp.operations[0].action else {
        panic!("{ramp:?}");
    };
    assert_eq!((to.number, to.raw.as_str()), (Some(1130.0), "1120+Offset"));
    assert!(matches!(ramp.operations[2].action, Action::Follow(_)));
    assert_eq!(ramp.operations[2].line, 11);

    let wait = &recipe.steps[1];
    let until = wait.until.as_ref().unwrap();
    assert_eq!(
        (
            until.passes,
            until.value.as_ref().unwrap().number,
            wait.seconds()
        ),
        (ConditionKind::Above, Some(1129.0), None)
    );

    let Node::Loop(outer) = &recipe.body[3] else {
        panic!("{:?}", recipe.body);
    };
    let Node::Loop(inner) = &outer.body[0] else {
        panic!("{outer:?}");
    };
    assert_eq!((outer.count, inner.count), (Some(2), Some(3)));
    let heater = recipe.channel("Heater").unwrap();
    assert_eq!(recipe.channels[heater].kind, ChannelKind::Switch);
    let bubbler = recipe.sources[0].bubbler.as_ref().unwrap();
    assert!((bubbler.value).abs() < 1e-9);
    assert_eq!(bubbler.line, 4);
}

#[test]
fn only_what_is_not_understood_is_skipped_and_it_is_reported() {
    let text = r#"nonsense here;
layer {
	1:00 "a", ReactorTemp = 500, ?!, ReactorPress = 100;
	2:00 "b", ReactorTemp = 600
	3:00 "c", ReactorTemp frobs 7, ReactorPress = 200;
	4:00 "d, ReactorTemp = 9;
	5:00 "e", ReactorTemp = Unknown + 1;
	loop { 6:00 "f"; }
	7:00 "g", ReactorPress to (1 + 2;
}"#;
    let recipe = read("x.epi", text);
    let lines: Vec<u32> = recipe.losses.iter().map(|loss| loss.lines.0).collect();
    assert_eq!(lines, [1, 3, 4, 5, 6, 7, 8, 9], "{:#?}", recipe.losses);
    let labels: Vec<_> = recipe
        .steps
        .iter()
        .map(|step| (step.label.as_deref(), step.operations.len()))
        .collect();
    assert_eq!(
        labels,
        [
            (Some("a"), 2),
            (Some("b"), 1),
            (Some("c"), 1),
            (None, 0),
            (Some("e"), 1),
            (Some("f"), 0),
            (Some("g"), 0),
        ]
    );
}

#[test]
fn a_subroutine_of_the_file_itself_takes_the_place_of_its_call() {
    let recipe = read("x.epi", "Heat { 1:00 \"h\"; } layer { Heat; Cool; Heat; }");
    assert_eq!(recipe.steps.len(), 1);
    assert!(matches!(
        recipe.body[..],
        [Node::Step(0), Node::Call(_), Node::Step(0)]
    ));
}

#[test]
fn a_variable_that_changes_within_a_loop_is_not_guessed() {
    let recipe = read(
        "x.epi",
        "variable T = 5; layer { 1 \"a\", X = T; loop 3 { 1 \"b\", T = T + 1; } 1 \"c\", X = T; }",
    );
    let number = |step: usize| match &recipe.steps[step].operations[0].action {
        Action::Set(value) => value.number,
        other => panic!("{other:?}"),
    };
    assert_eq!(number(0), Some(5.0));
    assert_eq!(number(2), None);
    assert!(!recipe.losses.is_empty());
}

#[test]
fn definitions_of_an_included_file_count_and_keep_their_origin() {
    let files = |name: &str| {
        match name {
        "common.epi" => Ok("# names\nRampTime = 90;\nread deep.epi;\nHeatup {\n\tRampTime \"up\", ReactorTemp to Top;\n\t10 \"hold\";\n}\nUnused { 5 \"never\"; }\nlayer { 1 \"x\"; }\n\"broken"
            .to_owned()),
        "deep.epi" => Ok("\nvariable Top = 1040;\nread common.epi;\n".to_owned()),
        other => Err(format!("{other} is not beside this file")),
    }
    };
    let text = "read common.epi;\nread none.epi;\nlayer {\n\tHeatup;\n\t60 \"grow\", Pressure = Top;\n\tCooldown;\n}\n";
    let recipe = read_with("x.epi", text, &files);
    let names: Vec<String> = recipe.steps.iter().map(Step::name).collect();
    assert_eq!(names, ["up (common.epi:5)", "hold (common.epi:6)", "grow"]);
    assert_eq!(recipe.steps[0].seconds(), Some(90.0));
    assert_eq!(
        (recipe.steps[0].lines, recipe.steps[2].lines),
        ((1, 1), (5, 5))
    );
    let variables: Vec<String> = recipe.variables.iter().map(Variable::shown).collect();
    assert_eq!(variables, ["RampTime (common.epi:2)", "Top (deep.epi:2)"]);
    let unresolved: Vec<&str> = recipe
        .unresolved()
        .iter()
        .map(|call| call.text.as_str())
        .collect();
    assert_eq!(unresolved, ["Cooldown"]);
    let timeline = crate::recipes::timeline::Timeline::new(&recipe);
    let temperature = recipe.channel("ReactorTemp").unwrap();
    assert_eq!(timeline.value(0, temperature), Some(1040.0));
    let reasons: Vec<&str> = recipe
        .losses
        .iter()
        .map(|loss| loss.reason.as_str())
        .collect();
    assert!(
        reasons
            .iter()
            .any(|reason| reason.contains("none.epi is not beside")),
        "{reasons:?}"
    );
    assert!(
        reasons.iter().any(|reason| reason.contains("read already")),
        "{reasons:?}"
    );
    assert!(
        reasons
            .iter()
            .any(|reason| reason.contains("layers in common.epi")),
        "{reasons:?}"
    );
    assert!(
        reasons
            .iter()
            .any(|reason| reason.contains("(common.epi, line 10)")),
        "{reasons:?}"
    );
    assert!(recipe.losses.iter().all(|loss| loss.lines.0 <= 2));
}
