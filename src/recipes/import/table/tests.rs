use super::*;
use crate::domain::units::Unit;
use crate::recipes::model::{Action, ChannelKind, Node};
use crate::recipes::timeline::Timeline;

fn maps() -> Vec<ColumnMap> {
    let none: [&std::path::Path; 0] = [];
    ColumnMap::load(&none).unwrap()
}

fn no_siblings(_: &str) -> Option<String> {
    None
}

#[test]
fn a_reactors_table_is_read_with_its_legend() {
    let text = "No,Name,RTime,HTime,STemp,RPress,SRotation,CTemp,LoopRepeat,LoopEndStep,M05,V01,V26\n\
                1,Pump,180,60,0,760,0,0,0,0,10,0,0\n\
                2,Heat,60,5,950,100,80,0,2,3,10,1,False\n\
                3,Grow,1,300,1050,100,80,0,0,0,20,1,TRUE\n";
    let legend = r#"{"a": {"M05": {"Name": "TMGa Bubbling", "MaxValue": 50}, "V01": {"Name": "HydCarrierChange"},
                     "V26": {"Name": "TMGaManifoldRUN"}}}"#;
    let sibling = |name: &str| (name == "DeviceIO.json").then(|| legend.to_owned());
    let recipes = read("x.csv", &Grid::from_text(text), &maps(), &sibling);
    let recipe = &recipes[0];
    assert_eq!(recipe.losses, []);
    assert_eq!(
        (recipe.id.as_str(), recipe.format.as_str()),
        ("x", "mocvd-ui")
    );
    let pressure = recipe.channels_of(ChannelKind::Pressure).next().unwrap();
    assert_eq!(recipe.channels[pressure].unit, Unit::Torr);
    assert_eq!(recipe.sources[0].species, "TMGa");
    assert_eq!(
        recipe.channels[recipe.channel("TMGa Bubbling").unwrap()].range,
        Some((None, Some(50.0)))
    );
    assert!(
        matches!(&recipe.body[1], Node::Loop(inner) if inner.count == Some(2) && inner.body.len() == 2)
    );
    let timeline = Timeline::new(recipe);
    let total = 240.0 + 2.0 * (65.0 + 301.0);
    assert!((timeline.seconds() - total).abs() < 1e-9);
    assert!((timeline.growth_seconds() - 602.0).abs() < 1e-9);
    let ramp = timeline.ramps(recipe.channels_of(ChannelKind::Temperature).next().unwrap())[0];
    assert!((ramp.rate() - 950.0 / 60.0).abs() < 1e-9);
}

#[test]
fn a_list_of_mbe_steps_is_read_with_its_sweeps_and_periods() {
    let text = "NAME: SL-1\t RUN: planned\nsuperlattice\n\nEpiStep\tType\tNesting Level\tPeriods\tThickness\tTime\tTsub(°C)\tGa(sh)\tN(sh)\tGa(°C)\n\
                1\tStart\t0\t0\t-\tAt Run Time\t300.0\t0\t0\t900\n\
                2\tRamp\t0\t0\t-\t0:10:00\t300.0 >> 700.0\t0\t0\t900 >> 920\n\
                3\tSL start\t1\t20\t-\tAt Run Time\t700.0\t0\t0\t920\n\
                4\tGaN\t1\t0\t5.5nm\t0:01:00\t700.0\t1\t1\t920\n\
                5\tEnd\t0\t0\t-\t(t=0:10)\t700.0\t0\t0\t920\n\
                6\tNote only\t\t\t\t\t\t\t\t\n";
    let recipes = read("sl.asl", &Grid::from_text(text), &maps(), &no_siblings);
    let recipe = &recipes[0];
    assert_eq!(recipe.id, "SL-1");
    assert_eq!(recipe.header.title.as_ref().unwrap().text, "superlattice");
    let reasons: Vec<_> = recipe
        .losses
        .iter()
        .map(|loss| (loss.lines.0, loss.reason.as_str()))
        .collect();
    assert_eq!(reasons, [(9, "this is no time")]);
    assert!(matches!(
        &recipe.steps[1].operations[0].action,
        Action::Sweep { .. }
    ));
    let timeline = Timeline::new(recipe);
    assert!(
        (timeline.seconds() - 1800.0).abs() < 1e-9,
        "{}",
        timeline.seconds()
    );
    assert!((timeline.growth_seconds() - 1200.0).abs() < 1e-9);
}

#[test]
fn unknown_cells_and_columns_are_reported() {
    let text =
        "No,Name,RTime,HTime,STemp,RPress,Colour\n1,a,x,5,hot,100,red\n2,b,1,1,5,5,blue,extra\n";
    let recipes = read("x.csv", &Grid::from_text(text), &maps(), &no_siblings);
    let losses: Vec<_> = recipes[0]
        .losses
        .iter()
        .map(|loss| (loss.lines.0, loss.raw.as_str()))
        .collect();
    assert_eq!(
        losses,
        [
            (1, "Colour"),
            (2, "RTime = x"),
            (2, "STemp = hot"),
            (3, "extra")
        ]
    );
}

#[test]
fn a_log_of_runs_gives_a_recipe_for_each() {
    let text = "# unit,,,,,,,\n# -,-,-,-,min,mbar,-,sccm\nSample Name,Recipe Name,Step name,Step Index,Duration,Pressure,Bubbler Material,Bubbler MFC\n\
                S-1,R-1,Deposition,8,210,25,TEGa,30\nS-2,R-1,Deposition,8,212,27,TEGa,32\n";
    let recipes = read("log.csv", &Grid::from_text(text), &maps(), &no_siblings);
    let ids: Vec<_> = recipes.iter().map(|recipe| recipe.id.as_str()).collect();
    assert_eq!(ids, ["S-1", "S-2"]);
    assert_eq!(recipes[1].steps[0].seconds(), Some(12_720.0));
    assert_eq!(recipes[1].sources[0].species, "TEGa");
}

#[test]
fn a_table_that_no_map_knows_is_no_recipe() {
    let grid = Grid::from_text("a,b,c\n1,2,3\n");
    assert!(read("x.csv", &grid, &maps(), &no_siblings).is_empty());
}
