//! Questions with what their answers must say and cite.

/// A question and what its answer is held against.
pub(super) struct Gold {
    pub(super) question: &'static str,
    pub(super) says: &'static [&'static str],
    pub(super) never: &'static [&'static str],
    pub(super) cites: &'static [(&'static str, u32)],
    pub(super) refused: bool,
}

const fn gold(
    question: &'static str,
    says: &'static [&'static str],
    cites: &'static [(&'static str, u32)],
) -> Gold {
    Gold {
        question,
        says,
        never: &[],
        cites,
        refused: false,
    }
}

const fn refused(question: &'static str, says: &'static [&'static str]) -> Gold {
    Gold {
        question,
        says,
        never: &[],
        cites: &[],
        refused: true,
    }
}

const T2118: &str = "T2118GQTs.epi";
const SL: &str = "221-SL.epi";
const PLC: &str = "pc_to_plc_recipe.csv";
const LOG: &str = "GaO.growth.movpe.ikz.xlsx";
const ASL: &str = "Test_Rezept.asl";

/// Over real files: an Aixtron script of a multi-quantum-well run, one of a reflector, a reactor's table, a log of runs,
/// an MBE list.
pub(super) const SHARED: &[Gold] = &[
    gold(
        "T2118GQTs InGaN 우물층 성장 온도?",
        &["740 °C", "730+TempAnpassung", "`TempAnpassung` = 10"],
        &[(T2118, 125), (T2118, 120), (T2118, 28)],
    ),
    gold(
        "What is the growth temperature of the InGaN well in T2118GQTs?",
        &["740 °C", "730+TempAnpassung"],
        &[(T2118, 125), (T2118, 120), (T2118, 28)],
    ),
    gold(
        "How many wells does T2118GQTs have, and how long is each?",
        &["**15**", "15 × 2:00 = 30:00", "L108"],
        &[(T2118, 108), (T2118, 125)],
    ),
    gold(
        "T2118GQTs 우물은 몇 개이고 각각 몇 분인가요?",
        &["**15회**", "15 × 2:00"],
        &[(T2118, 108), (T2118, 125)],
    ),
    gold(
        "What is the total time of T2118GQTs?",
        &["**281.9 min**", "4:41:52", "2 waits", "4 subroutines"],
        &[(T2118, 56), (T2118, 107), (T2118, 34), (T2118, 173)],
    ),
    gold(
        "T2118GQTs 전체 시간은 몇 분인가요?",
        &["**281.9분**", "조건을 기다리는 단계 2회", "서브루틴 4개"],
        &[(T2118, 56)],
    ),
    gold("T2118GQTs 성장 시간은?", &["**277.7분**"], &[]),
    gold(
        "What is the growth time of T2118GQTs?",
        &["**277.7 min**"],
        &[],
    ),
    Gold {
        never: &["221-SL", "pc_to_plc"],
        ..gold(
            "Which recipes use TEGa?",
            &["**6**", "T2118GQTs", "20-158-G-1", "20-158-G-5"],
            &[(T2118, 111), (LOG, 10), (LOG, 14)],
        )
    },
    gold(
        "TEGa를 사용하는 레시피는?",
        &["**6개**", "T2118GQTs"],
        &[(T2118, 111)],
    ),
    Gold {
        never: &["pc_to_plc", "221-SL"],
        ..gold(
            "Which recipes go above 1100 °C?",
            &["**1**", "T2118GQTs", "1130 °C"],
            &[(T2118, 46)],
        )
    },
    gold(
        "1100도를 넘는 레시피는 어떤 것인가요?",
        &["**1개**", "1130 °C"],
        &[(T2118, 46)],
    ),
    gold(
        "어떤 레시피가 1100 °C 이상까지 올라가나요?",
        &["**2개**", "1130 °C", "1100 °C"],
        &[(T2118, 46), (PLC, 8)],
    ),
    gold(
        "Which steps are at 200 Torr or more?",
        &["**44**", "750.0617 Torr"],
        &[(SL, 11), (SL, 99), (PLC, 2)],
    ),
    gold(
        "pc_to_plc_recipe에서 200 Torr 이상인 단계는?",
        &["**37개**", "760 Torr"],
        &[(PLC, 2), (PLC, 10)],
    ),
    gold(
        "221-SL에서 압력이 200 Torr 이상인 단계",
        &["**7개**", "1000 mbar", "970 mbar"],
        &[(SL, 11), (SL, 104)],
    ),
    gold(
        "Where does the carrier gas switch in T2118GQTs?",
        &["`N2.run` open", "`H2.run` closed", "| 99 |"],
        &[(T2118, 99)],
    ),
    gold(
        "221-SL에서 캐리어 가스는 어느 단계에서 바뀌나요?",
        &["35 Pump down under N2", "`N2.run` 열림", "`H2.run` 닫힘"],
        &[(SL, 101)],
    ),
    gold(
        "When is the run valve of TMIn_2 open in T2118GQTs?",
        &["2:00 × 14", "InGaN Well"],
        &[(T2118, 125)],
    ),
    gold(
        "221-SL에서 DEZn_1 런 밸브는 언제 열리나요?",
        &["12 GaAs p-doped", "2:45", "26 AlAs:Zn", "28 Al0.14GaAs:Zn"],
        &[(SL, 38), (SL, 82), (SL, 87)],
    ),
    gold(
        "What is T2118GQTs based on?",
        &["**`T2116GQTs`**", "L8"],
        &[(T2118, 8)],
    ),
    gold(
        "T2118GQTs는 어떤 레시피를 바탕으로 만들었나요?",
        &["T2116GQTs"],
        &[(T2118, 8)],
    ),
    gold(
        "What is the fastest ramp in T2118GQTs?",
        &["**9 °C/s (540 °C/min)**", "740 °C → 830 °C", "10 s"],
        &[(T2118, 110)],
    ),
    gold(
        "T2118GQTs에서 가장 빠른 온도 램프는?",
        &["9 °C/s", "740 °C → 830 °C"],
        &[(T2118, 110)],
    ),
    gold(
        "221-SL의 조건을 기다리는 단계를 모두 알려 주세요",
        &[
            "**6개**",
            "VentVac open",
            "> 300 °C",
            "< 705 °C",
            "< 200 °C",
        ],
        &[(SL, 10), (SL, 29), (SL, 31), (SL, 34), (SL, 97), (SL, 100)],
    ),
    gold(
        "Which steps of T2118GQTs wait on a condition?",
        &["**2**", "> 1129 °C", "> 829 °C"],
        &[(T2118, 56), (T2118, 107)],
    ),
    gold(
        "Which subroutines of T2118GQTs are unresolved?",
        &[
            "**4**",
            "Initflux_v1.0",
            "Pumpdown_v1.0",
            "Heatup_700_v1.0",
            "Cooldown_v1.1",
            "subfunctions.epi",
        ],
        &[(T2118, 34), (T2118, 22), (T2118, 173)],
    ),
    gold(
        "221-SL에 정의되지 않은 서브루틴이 있나요?",
        &["없습니다"],
        &[],
    ),
    gold(
        "Compare 20-158-G-1 and 20-158-G-3",
        &[
            "3:30:00", "3:32:00", "840 °C", "842 °C", "25 mbar", "27 mbar", "30 sccm", "32 sccm",
        ],
        &[(LOG, 10), (LOG, 12)],
    ),
    gold(
        "20-158-G-1과 20-158-G-2의 차이는?",
        &["모두 같습니다"],
        &[(LOG, 1)],
    ),
    gold(
        "pc_to_plc_recipe와 pc_to_plc_recipe_Fast 비교",
        &["4:00 (L2)", "9 s (L2)"],
        &[(PLC, 2)],
    ),
    gold(
        "V/III ratio of the InGaN well in T2118GQTs",
        &[
            "**3601**",
            "40.5126 µmol/min",
            "21.4307 µmol/min",
            "Formula",
            "Assumptions",
        ],
        &[(T2118, 125), (T2118, 19), (T2118, 82)],
    ),
    gold(
        "T2118GQTs InGaN 우물의 V/III 비는?",
        &["**3601**", "계산식", "가정"],
        &[(T2118, 125)],
    ),
    refused("V/III of the GaN buffer in T2118GQTs?", &["`TMGa_1.press`"]),
    gold(
        "effective dopant flow of SiH4_1 in Barrier growth of T2118GQTs",
        &["**0.0495 sccm**", "source·inject/(source+dilute)"],
        &[(T2118, 119), (T2118, 83)],
    ),
    gold(
        "221-SL step 12의 DEZn 유효 도펀트 유량",
        &["22.22 sccm"],
        &[(SL, 38), (SL, 17)],
    ),
    gold(
        "What pressure is the InGaN well of T2118GQTs grown at?",
        &["**200 mbar**"],
        &[(T2118, 125), (T2118, 96)],
    ),
    gold(
        "T2118GQTs 우물층 압력은 몇 Torr인가요?",
        &["200 mbar (= 150.0123 Torr)"],
        &[(T2118, 125)],
    ),
    gold(
        "T2118GQTs NH3 flow in the InGaN well",
        &["**5000 sccm**"],
        &[(T2118, 125), (T2118, 82)],
    ),
    gold(
        "T2118GQTs 우물에서 TMIn_2 유량은?",
        &["**200 sccm**"],
        &[(T2118, 125), (T2118, 69)],
    ),
    gold(
        "How many times does the AlAs:Si step of 221-SL repeat?",
        &["**17**", "L51"],
        &[(SL, 51), (SL, 53)],
    ),
    gold(
        "221-SL step 17 TMAl flow",
        &["**35 sccm**"],
        &[(SL, 53), (SL, 48)],
    ),
    gold(
        "221-SL step 19에서 TMAl 유량은?",
        &["**9.9 sccm**"],
        &[(SL, 58), (SL, 57)],
    ),
    gold(
        "What is the highest temperature of 221-SL?",
        &["**720 °C**"],
        &[(SL, 28)],
    ),
    gold("221-SL total time", &["**175.7 min**", "6 waits"], &[]),
    gold("221-SL 22단계 시간은?", &["**17.2 s**"], &[(SL, 67)]),
    gold(
        "T2118GQTs TMGa 버블러 온도?",
        &["**0 °C**", "L14"],
        &[(T2118, 14)],
    ),
    gold(
        "Which system is T2118GQTs for?",
        &["1529 (AIX200/4HT-S)"],
        &[(T2118, 5)],
    ),
    gold(
        "Who is the supervisor of T2118GQTs?",
        &["**`JW`**"],
        &[(T2118, 6)],
    ),
    gold(
        "T2118GQTs 변수를 알려 줘",
        &["`TempAnpassung` = **10**", "`RotationAnpassFaktor` = **1**"],
        &[(T2118, 28), (T2118, 26)],
    ),
    gold("221-SL substrate?", &["1 pl.2\" GaAs SI"], &[(SL, 3)]),
    refused("T2118GQTs 기판은?", &["적혀 있지 않습니다"]),
    refused("T2118GQTs의 TMGa 버블러 압력은?", &["추정하지 않습니다"]),
    refused(
        "What was the measured temperature of the well in T2118GQTs?",
        &["setpoints only"],
    ),
    refused(
        "T2118GQTs p-GaN 성장 온도는?",
        &["pgan", "답할 수 없습니다"],
    ),
    refused("T2118GQTs SbH3 flow in the well?", &["does not state"]),
    gold(
        "pc_to_plc_recipe InGaN QW 1 temperature",
        &["**720 °C**"],
        &[(PLC, 24)],
    ),
    gold(
        "pc_to_plc_recipe n-GaN 성장 온도는?",
        &["**1080 °C**"],
        &[(PLC, 19)],
    ),
    gold(
        "pc_to_plc_recipe 18번 단계 시간은?",
        &["**1:00:01**"],
        &[(PLC, 19)],
    ),
    gold("pc_to_plc_recipe 전체 시간", &["**302.5분**"], &[]),
    gold(
        "pc_to_plc_recipe M11 in step 16",
        &["19 sccm", "TMGa Bubbling"],
        &[(PLC, 17)],
    ),
    gold("20-158-G-3 pressure", &["**27 mbar**"], &[(LOG, 12)]),
    gold("20-158-G-1 TEGa 유량은?", &["**30 sccm**"], &[(LOG, 10)]),
    gold("Test_Rezept matrix thickness", &["**30 nm**"], &[(ASL, 14)]),
    gold("Test_Rezept 전체 시간", &["**171.2분**"], &[]),
    gold(
        "steps of Test_Rezept at 750 °C",
        &["**2**", "| 9 |", "| 10 |"],
        &[(ASL, 9), (ASL, 10)],
    ),
    refused("레시피 T9999의 우물 온도는?", &["T9999", "없습니다"]),
];

const A: &str = "LED450-MQW-012A.epi";
const B: &str = "LED450-MQW-012B.epi";
const HEMT: &str = "HEMT-SIC-004A.epi";
const GAN: &str = "gan-template-plc-007.csv";
const MB3: &str = "MB3-AlN-GaN-SL-021.txt";

/// Over the project's own samples.
pub(super) const SAMPLES: &[Gold] = &[
    gold(
        "LED450-MQW-012A InGaN 우물층 성장 온도는?",
        &[
            "**745 °C**",
            "WellTemp+WellOffset",
            "`WellTemp` = 745",
            "`WellOffset` = 0",
        ],
        &[(A, 80), (A, 78), (A, 23)],
    ),
    gold(
        "What is the growth temperature of the InGaN well in LED450-MQW-012B?",
        &["**742 °C**"],
        &[(B, 81), (B, 79), (B, 23)],
    ),
    gold(
        "How many wells does LED450-MQW-012A have?",
        &["**6**", "6 × 1:20"],
        &[(A, 76), (A, 80)],
    ),
    gold(
        "LED450-MQW-012B 우물은 몇 개인가요?",
        &["**8회**", "8 × 1:23"],
        &[(B, 77), (B, 81)],
    ),
    gold(
        "LED450-MQW-012A 전체 시간",
        &["**197.4분**", "조건을 기다리는 단계 6회"],
        &[],
    ),
    gold("total time of LED450-MQW-012B", &["**212.2 min**"], &[]),
    gold("HEMT-SIC-004A total time", &["**92 min**", "5 waits"], &[]),
    gold(
        "What is the AlN temperature of HEMT-SIC-004A in step a04?",
        &["**1165 °C**", "AlNTemp"],
        &[(HEMT, 44), (HEMT, 40), (HEMT, 23)],
    ),
    gold(
        "HEMT-SIC-004A AlGaN 장벽층 압력은?",
        &["**75 mbar**"],
        &[(HEMT, 62), (HEMT, 56)],
    ),
    gold(
        "HEMT-SIC-004A NH3 flow in step k02",
        &["**8000 sccm**"],
        &[(HEMT, 55), (HEMT, 53)],
    ),
    gold(
        "How much NH3 does HEMT-SIC-004A consume?",
        &["**184.65 l**"],
        &[],
    ),
    gold(
        "HEMT-SIC-004A NH3 사용량은?",
        &["**184.65 l**", "가정"],
        &[],
    ),
    Gold {
        never: &["LED450", "gan-template"],
        ..gold(
            "Which recipes go above 1100 °C?",
            &["**1**", "HEMT-SIC-004A", "1165 °C"],
            &[(HEMT, 40)],
        )
    },
    Gold {
        never: &["LED450", "gan-template"],
        ..gold(
            "Which recipes use TMGa above 50 sccm?",
            &["TMGa > 50 sccm", "**1**", "HEMT-SIC-004A", "60 sccm"],
            &[(HEMT, 50)],
        )
    },
    gold(
        "TMGa 유량이 50 sccm 이상인 단계는?",
        &["TMGa ≥ 50 sccm", "b03 GaN:C 1.2 um", "60 sccm"],
        &[(HEMT, 50)],
    ),
    gold(
        "HEMT-SIC-004A에서 NH3 유량이 8 slm 이상인 단계는?",
        &["NH3 ≥ 8 slm", "k02 GaN channel", "8000 sccm (= 8 slm)"],
        &[(HEMT, 55)],
    ),
    refused(
        "Which recipes have an NH3 flow above 90 slm?",
        &["NH3 > 90 slm"],
    ),
    gold(
        "어떤 레시피가 Cp2Mg를 쓰나요?",
        &["**2개**", "LED450-MQW-012A", "LED450-MQW-012B"],
        &[(A, 95), (B, 96)],
    ),
    Gold {
        never: &["gan-template"],
        ..gold(
            "Which recipes use TMAl?",
            &["**3**", "HEMT-SIC-004A"],
            &[(HEMT, 43)],
        )
    },
    gold(
        "diff LED450-MQW-012A LED450-MQW-012B",
        &[
            "745 (L23)",
            "742 (L23)",
            "6 (L76)",
            "8 (L77)",
            "300 sccm (L34)",
            "310 sccm (L34)",
            "350 sccm (L97)",
            "380 sccm (L98)",
            "1:20 (L80)",
            "1:23 (L81)",
            "q06b GaN half barrier",
        ],
        &[(A, 23), (B, 23), (A, 97), (B, 98)],
    ),
    gold(
        "LED450-MQW-012B는 이전 개정과 무엇이 달라졌나요?",
        &["745 (L23)", "742 (L23)"],
        &[(A, 23), (B, 23)],
    ),
    gold("LED450-MQW-012A와 012B의 차이", &["380 sccm"], &[(B, 98)]),
    refused(
        "What changed in HEMT-SIC-004A against the recipe it is based on?",
        &["HEMT-SIC-003C", "not among"],
    ),
    gold(
        "Where does the carrier switch in LED450-MQW-012A?",
        &["`H2.run` open", "| 41 |", "| 71 |", "| 91 |", "| 102 |"],
        &[(A, 71)],
    ),
    gold(
        "LED450-MQW-012A에서 TMIn 런 밸브는 언제 열리나요?",
        &["1:20 × 6"],
        &[(A, 80)],
    ),
    gold(
        "fastest ramp of HEMT-SIC-004A",
        &["1.333 °C/s", "700 °C → 1100 °C", "5:00"],
        &[(HEMT, 37)],
    ),
    gold(
        "LED450-MQW-012A 가장 빠른 승온 램프",
        &["1.417 °C/s", "700 °C → 1040 °C"],
        &[(A, 57)],
    ),
    gold(
        "Which steps of LED450-MQW-012A wait?",
        &["**6**", "> 450 °C", "< 842 °C", "< 250 °C"],
        &[(A, 44), (A, 73)],
    ),
    gold(
        "LED450-MQW-012A p-GaN Cp2Mg 유량은?",
        &["**350 sccm**"],
        &[(A, 98), (A, 97)],
    ),
    gold(
        "effective dopant flow of SiH4 in the n-GaN step of LED450-MQW-012A",
        &["**1.132 sccm**"],
        &[(A, 65), (A, 37)],
    ),
    gold(
        "V/III of the InGaN well in LED450-MQW-012A",
        &["**5625**"],
        &[(A, 80)],
    ),
    gold(
        "gan-template-plc-007 u-GaN 성장 온도는?",
        &["**1060 °C**"],
        &[(GAN, 14)],
    ),
    gold(
        "gan-template-plc-007 핵생성 압력은?",
        &["600 mbar"],
        &[(GAN, 11)],
    ),
    gold("gan-template-plc-007 전체 시간", &["**206.2분**"], &[]),
    gold(
        "gan-template-plc-007에서 TMGa 런 밸브가 열리는 구간",
        &["10 핵생성 25 nm", "13 u-GaN 4 um"],
        &[(GAN, 11), (GAN, 14)],
    ),
    gold(
        "gan-template-plc-007 steps at 600 mbar or more",
        &["**4**"],
        &[(GAN, 3), (GAN, 10), (GAN, 11), (GAN, 12)],
    ),
    gold(
        "gan-template-plc-007 수소 전환은 어느 단계인가요?",
        &["4 수소 전환", "15 질소 전환"],
        &[(GAN, 5), (GAN, 16)],
    ),
    gold(
        "MB3-AlN-GaN-SL-021 초격자 주기는 몇 번 반복하나요?",
        &["**20회**"],
        &[(MB3, 13)],
    ),
    gold(
        "How long is the AlN growth in MB3-AlN-GaN-SL-021?",
        &["**1:02**", "20 times", "20:40"],
        &[(MB3, 14)],
    ),
    gold(
        "MB3-AlN-GaN-SL-021 u-GaN thickness",
        &["**330 nm**"],
        &[(MB3, 11)],
    ),
    gold(
        "When is the Al shutter open in MB3-AlN-GaN-SL-021?",
        &["1:02 × 20"],
        &[(MB3, 14)],
    ),
    gold("LED450-MQW-012A based on?", &["LED450-MQW-011D"], &[(A, 8)]),
    gold(
        "LED450-MQW-012A TMIn bubbler temperature",
        &["**25 °C**"],
        &[(A, 15)],
    ),
    gold(
        "LED450-MQW-012A RunMO in step b03",
        &["**12000 sccm**"],
        &[(A, 62), (A, 60)],
    ),
    gold("LED450-MQW-012A b03 시간은?", &["**33:00**"], &[(A, 62)]),
    refused("LED450-MQW-012A AsH3 flow?", &["does not state"]),
    refused("LED450-MQW-012A 우물층 실제 온도는?", &["측정값은 없어"]),
    refused(
        "LED450-MQW-012A superlattice temperature?",
        &["superlattice"],
    ),
    refused(
        "LED450-MQW-012 우물 온도",
        &["LED450-MQW-012A", "LED450-MQW-012B"],
    ),
    refused("Recipe HEMT-SIC-009Z temperature?", &["HEMT-SIC-009Z"]),
    refused("Which recipes go above 1300 °C?", &["Nothing"]),
    refused("V/III of the p-GaN step of HEMT-SIC-004A", &["pgan"]),
];

/// Questions that only the documents can answer.
pub(super) const OTHERS: &[&str] = &[
    "What should I do about alarm E-1042?",
    "서셉터 베이크는 몇 도에서 몇 분 하나요?",
    "How do I replace the TMGa bubbler?",
    "What is the maximum temperature of the HX-7?",
    "Which recipe rules apply to the ramp between well and barrier?",
    "What is the wafer carrier material of LED450-MQW-012A?",
    "LED450-MQW-012A의 PL 파장은?",
    "What yield does LED450-MQW-012A reach?",
    "When does a recipe release expire?",
    "Who reviews recipes?",
];
