//! Schemas of the tools for recipes and alarms, and the types that their arguments are parsed into. Unknown arguments
//! are refused.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::llm::tools::Tool;
use crate::recipes::ask::structured::{Derivation, StepQuantity};

/// Maximum length of the arguments of a call, in characters.
const MAX_ARGUMENT_CHARS: usize = 4_000;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct FindRecipes {
    pub(super) uses: Option<Vec<String>>,
    pub(super) without: Option<Vec<String>>,
    pub(super) name: Option<String>,
    pub(super) based_on: Option<String>,
    pub(super) comparison: Option<ComparisonSign>,
    pub(super) value: Option<f64>,
    pub(super) unit: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GetRecipe {
    pub(super) recipe: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct FindSteps {
    pub(super) recipe: Option<String>,
    pub(super) step: Option<String>,
    pub(super) quantity: Option<StepQuantity>,
    pub(super) source: Option<String>,
    pub(super) comparison: Option<ComparisonSign>,
    pub(super) value: Option<f64>,
    pub(super) unit: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DiffRecipes {
    pub(super) first: String,
    pub(super) second: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Derive {
    pub(super) recipe: String,
    pub(super) what: Derivation,
    #[serde(default)]
    pub(super) step: Option<String>,
    #[serde(default)]
    pub(super) source: Option<String>,
    #[serde(default)]
    pub(super) quantity: Option<StepQuantity>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Search {
    pub(super) query: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GetAlarm {
    pub(super) code: String,
}

/// How a value compares.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) enum ComparisonSign {
    #[serde(rename = ">=")]
    AtLeast,
    #[serde(rename = ">")]
    Above,
    #[serde(rename = "<=")]
    AtMost,
    #[serde(rename = "<")]
    Below,
    #[serde(rename = "=")]
    Equal,
}

/// Parses the arguments of a call.
///
/// # Errors
/// They are not JSON, or do not fit the schema; the sentence is for the model.
pub(super) fn parse<T: DeserializeOwned>(arguments: &str) -> Result<T, String> {
    let arguments = arguments.trim();
    if arguments.chars().count() > MAX_ARGUMENT_CHARS {
        return Err("the arguments are too long".to_owned());
    }
    // Models leave the arguments out if none is needed.
    let arguments = if arguments.is_empty() {
        "{}"
    } else {
        arguments
    };
    serde_json::from_str(arguments).map_err(|error| {
        let kind = if error.is_data() {
            "do not fit the tool"
        } else {
            "are no valid JSON"
        };
        format!("the arguments {kind}: {error}")
    })
}

const QUANTITIES: [&str; 11] = [
    "temperature",
    "pressure",
    "rotation",
    "flow",
    "push",
    "dilute",
    "inject",
    "bubbler_pressure",
    "power",
    "thickness",
    "time",
];

/// The tools for recipes and alarms.
pub(super) fn tools() -> Vec<Tool> {
    let text = |about: &str| json!({"type": "string", "description": about});
    let names =
        |about: &str| json!({"type": "array", "items": {"type": "string"}, "description": about});
    let quantity = json!({"type": "string", "enum": QUANTITIES});
    let comparison = json!({"type": "string", "enum": [">=", ">", "<=", "<", "="]});
    let value = json!({"type": "number"});
    let unit = text("°C, K, mbar, Torr or rpm");
    let recipe = text("name of one recipe, as written");
    let step = text("code or name of a step, or the layer that grows in it, such as InGaN well");
    let source = text("a source such as TMGa_1, a species such as NH3, or a channel of the recipe");
    vec![
        Tool {
            name: "find_recipes",
            description: "Lists recipes: all, or those that use sources, whose steps reach a temperature, pressure or rotation, \
                          that are based on another, or whose name contains something.",
            parameters: object(
                &json!({
                    "uses": names("sources that it uses, such as TEGa"),
                    "without": names("sources that it does not use"),
                    "name": text("part of its name"),
                    "based_on": text("the recipe that it was made from"),
                    "comparison": comparison, "value": value, "unit": unit,
                }),
                &[],
            ),
        },
        Tool {
            name: "get_recipe",
            description: "One recipe in short: what its header says, and its steps with time, temperature and pressure.",
            parameters: object(&json!({"recipe": recipe}), &["recipe"]),
        },
        Tool {
            name: "find_steps",
            description: "Setpoints of steps: of one recipe, by step and quantity (without a quantity, everything that the step \
                          sets), or the steps of all recipes beyond a value.",
            parameters: object(
                &json!({
                    "recipe": recipe, "step": step, "quantity": quantity, "source": source,
                    "comparison": comparison, "value": value, "unit": unit,
                }),
                &[],
            ),
        },
        Tool {
            name: "diff_recipes",
            description: "What differs between two recipes or two revisions of one, step by step.",
            parameters: object(
                &json!({"first": recipe, "second": recipe}),
                &["first", "second"],
            ),
        },
        Tool {
            name: "derive",
            description: "Computes from one recipe: V/III ratio, molar flow, effective dopant flow, gas use, total and growth time, \
                          how often steps repeat, waits, carrier switches, when a run valve is open, the fastest ramp, the highest and \
                          lowest setpoint, and whether its setpoints lie within the limits that the manuals state.",
            parameters: object(
                &json!({
                    "recipe": recipe,
                    "what": {"type": "string", "enum": [
                        "v_iii_ratio", "molar_flow", "dopant_flow", "gas_use", "total_time", "repeats", "waits",
                        "carrier_switches", "valve_openings", "fastest_ramp", "highest", "lowest", "limit_check",
                    ]},
                    "step": step, "source": source, "quantity": quantity,
                }),
                &["recipe", "what"],
            ),
        },
        Tool {
            name: "get_alarm",
            description: "What the alarm lists say of one code.",
            parameters: object(&json!({"code": text("such as E-1042")}), &["code"]),
        },
    ]
}

fn object(properties: &Value, required: &[&str]) -> Value {
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_that_the_schema_does_not_name_are_refused_with_a_reason() {
        let steps: FindSteps =
            parse(r#"{"recipe": "R1", "quantity": "time", "step": null}"#).unwrap();
        assert_eq!(steps.quantity, Some(StepQuantity::Time));
        assert!(parse::<FindRecipes>("").unwrap().uses.is_none());
        for (arguments, reason) in [
            (
                r#"{"recipe": "R1", "colour": "red"}"#,
                "unknown field `colour`",
            ),
            (r#"{"quantity": "taste"}"#, "unknown variant `taste`"),
            (r#"{"value": "hot"}"#, "invalid type"),
            (r#"{"recipe": "#, "no valid JSON"),
            ("[1]", "invalid"),
        ] {
            let error = parse::<FindSteps>(arguments).unwrap_err();
            assert!(error.contains(reason), "{arguments}: {error}");
        }
        assert!(
            parse::<GetRecipe>("{}")
                .unwrap_err()
                .contains("missing field `recipe`")
        );
        let long = format!("{{\"recipe\": \"{}\"}}", "x".repeat(9_000));
        assert!(parse::<GetRecipe>(&long).is_err());
    }

    #[test]
    fn every_argument_of_the_schemas_can_be_parsed() {
        for tool in tools() {
            let properties = tool.parameters["properties"].as_object().unwrap();
            let value = |schema: &Value| match schema["type"].as_str().unwrap() {
                "number" => json!(1.5),
                "array" => json!(["TMGa"]),
                _ => schema["enum"]
                    .as_array()
                    .map_or(json!("x"), |all| all[0].clone()),
            };
            let all: serde_json::Map<String, Value> = properties
                .iter()
                .map(|(name, schema)| (name.clone(), value(schema)))
                .collect();
            let text = Value::from(all).to_string();
            let parsed = match tool.name {
                "find_recipes" => parse::<FindRecipes>(&text).map(drop),
                "get_recipe" => parse::<GetRecipe>(&text).map(drop),
                "find_steps" => parse::<FindSteps>(&text).map(drop),
                "diff_recipes" => parse::<DiffRecipes>(&text).map(drop),
                "derive" => parse::<Derive>(&text).map(drop),
                "get_alarm" => parse::<GetAlarm>(&text).map(drop),
                other => panic!("{other}"),
            };
            assert_eq!(parsed, Ok(()), "{}", tool.name);
        }
        for what in tools()[4].parameters["properties"]["what"]["enum"]
            .as_array()
            .unwrap()
        {
            serde_json::from_value::<Derivation>(what.clone()).unwrap();
        }
        for quantity in QUANTITIES {
            serde_json::from_value::<StepQuantity>(json!(quantity)).unwrap();
        }
    }
}
