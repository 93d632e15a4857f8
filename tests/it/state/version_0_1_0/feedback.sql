BEGIN TRANSACTION;
CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO "_sqlx_migrations" VALUES(1,'answers','2026-11-30 20:13:21',1,X'41798CB85873ECB53488DAA3A630321F7DCED2AE32331193DD048A32922D99BF3113479F289B64EF2BC22338E810DC6E',3765968);
INSERT INTO "_sqlx_migrations" VALUES(2,'remarks','2026-11-30 20:13:21',1,X'F1D1B9790722647CDE59CBB1809632CA1DA064406E870F4687FCB18DBFDE6392988F61FFF1DAC4925EF58203A9D3A9F5',532243);
INSERT INTO "_sqlx_migrations" VALUES(3,'audit','2026-11-30 20:13:21',1,X'E2327270220933763C2CC6D2D647A91ED7640BDBC06F60C707C52FBCD9BD3821598969189B80E6FED4CAF421970A46B0',1038366);
CREATE TABLE answer (
    key TEXT PRIMARY KEY,
    asked INTEGER NOT NULL,
    channel TEXT NOT NULL,
    user TEXT NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    mode TEXT NOT NULL,
    model TEXT NOT NULL,
    language TEXT NOT NULL,
    -- The passages that the answer was drawn from, as JSON.
    passages TEXT NOT NULL
, team TEXT NOT NULL DEFAULT '', thread TEXT NOT NULL DEFAULT '', question_sha256 TEXT NOT NULL DEFAULT '', prompt_tokens INTEGER NOT NULL DEFAULT 0, completion_tokens INTEGER NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '', has_words INTEGER NOT NULL DEFAULT 1) WITHOUT ROWID;
INSERT INTO "answer" VALUES('T1/C1/1700000001.000100',1796069601722,'C1','U1','What is the maximum susceptor temperature?','The upper limit is in the manual [1].','llm','m','en','[{"n":1,"id":"835e82397dc89a1a-283a440639","title":"HX-7 Alarm List, tool EPI-03","section":"Pressure (E-102x, W-202x)","page":null,"collection":"manuals","url":"http://127.0.0.1:8080/source/835e82397dc89a1a-283a440639?until=1798661601&signature=388498a5677818983e7d7c39b2346e18dcf446dd05f77bb394dfef590ba5694b&collection=manuals&for=C1#cited","text":"## Pressure (E-102x, W-202x)\n\n| Code | Text | 표시 문구 | Severity | Cause | Remedy |\n|---|---|---|---|---|---|\n| E-1021 | Reactor over-pressure, 850 mbar for 5 s | 반응로 과압 | 3 | Throttle stuck, filter blocked, pump off | Check throttle position and filter; then A2 restart |\n| E-1022 | Reactor above 1050 mbar | 반응로 압력 상한 초과 | 3 | Gas on with pump valve closed | A3; relief disc must be inspected by maintenance |\n| E-1023 | Reactor below 40 mbar with MO open | MO 개방 중 저압 | 2 | Carrier lost, gauge drift | Check RunMO and RunHydride |\n| W-2021 | Throttle valve above 85 % | 스로틀 개도 85 % 초과 | 1 | Filter loaded, valve dirty | Filter first, then seal kit HX-40112-C |\n| W-2022 | Pressure deviation above 10 mbar for 20 s | 압력 편차 | 1 | Fast carrier change | Slow the ramp in the recipe |"},{"n":null,"id":"7ba2dc7b90a6cbe3-cdae72efba","title":"Characterization Guide for GaN Epi (PL, XRD, Hall, CV, AFM)","section":"2.2 Reading a spectrum","page":null,"collection":"manuals","url":null,"text":"### 2.2 Reading a spectrum\n\n- Band edge of GaN at room temperature: 362 nm (3.42 eV).\n- Yellow band around 560 nm: carbon or gallium vacancies. A ratio of yellow to band-edge intensity above 0.3 in u-GaN calls for a check of carbon (growth too cold or V/III too low).\n- Blue band at 430 nm in p-GaN: magnesium too high or annealing poor.\n- Two peaks from the wells: indium clusters, or two wells of different temperature. Look at the reflectance of the run first.\n- Fabry–Pérot fringes: spacing at 450 nm of 8.5 nm means about 4.8 µm of GaN."},{"n":null,"id":"990a6a205bc3a573-c3e613fb5e","title":"TMGa 버블러 교환 SOP","section":"5. 분리와 장착","page":null,"collection":"manuals","url":null,"text":"## 5. 분리와 장착\n\n1. 항온조 액면을 낮추고 브래킷 나사(M6, 5 N·m)를 푼다.\n2. 출구 VCR을 먼저 풀고 바로 블랭크 캡을 씌운다. 다음에 입구를 푼다. 흰 연기가 나면 다시 조이고 퍼지를 10회 더 한다.\n3. 새 버블러의 시리얼, 충전일, 순중량을 기록한다.\n4. 새 가스켓을 넣고 손으로 조인 뒤 **1/8바퀴** 더 돌린다. 흐름 방향(딥튜브 쪽이 입구)을 두 사람이 함께 확인한다. 거꾸로 달면 액체 TMGa가 라인으로 넘어온다.\n5. 접속부를 헬륨으로 시험한다. 합격 기준은 1 × 10⁻⁹ mbar·l/s 이하이다."},{"n":null,"id":"7ba2dc7b90a6cbe3-2d2f9e18bd","title":"Characterization Guide for GaN Epi (PL, XRD, Hall, CV, AFM)","section":"4. Hall","page":null,"collection":"manuals","url":null,"text":"## 4. Hall\n\nVan der Pauw, 6 × 6 mm pieces with indium corners annealed at 350 °C for 2 min. Field 0.5 T, current 0.1–1 mA. The linearity of the contacts must be better than 0.999.\n\n| Sample | Carrier density | Mobility (cm²/V·s) |\n|---|---|---|\n| n-GaN, SiH4 30 sccm | 5E18 cm⁻³ | above 200 |\n| u-GaN | below 5E16 cm⁻³ | – |\n| p-GaN, annealed | 4E17 cm⁻³ | 10–14 |\n| HEMT, sheet | 9.5E12 cm⁻² | above 1900 |\n\np-GaN must be annealed before Hall: 700 °C, 10 min, nitrogen, in the rapid annealer RTA-2. Unannealed p-GaN is insulating because of hydrogen."},{"n":null,"id":"7ba2dc7b90a6cbe3-b784ca9d84","title":"Characterization Guide for GaN Epi (PL, XRD, Hall, CV, AFM)","section":"Characterization Guide for GaN Epi","page":null,"collection":"manuals","url":null,"text":"### 2.3 Wavelength correction\n\nThe wells shift by −1.2 nm for +1 °C of well temperature and by +0.9 nm for +10 sccm of TMIn at 300 sccm. Use temperature for corrections up to 5 °C, TMIn only when the indium content is in question.\n\n## 3. X-ray diffraction"},{"n":null,"id":"7ba2dc7b90a6cbe3-5f1d5093f7","title":"Characterization Guide for GaN Epi (PL, XRD, Hall, CV, AFM)","section":"3.2 Superlattice of the wells","page":null,"collection":"manuals","url":null,"text":"### 3.2 Superlattice of the wells\n\n2theta–omega scan over (002), 0.005° steps, satellites down to −4th order. The period of the standard LED is 14.0 nm (3 nm well + 11 nm barrier). A period deviating by more than 0.3 nm is a growth-rate problem (TEGa), not a temperature problem. Broad satellites with a correct period mean rough interfaces."},{"n":null,"id":"7ba2dc7b90a6cbe3-5c88b5f439","title":"Characterization Guide for GaN Epi (PL, XRD, Hall, CV, AFM)","section":"5. CV, AFM, sheet resistance","page":null,"collection":"manuals","url":null,"text":"## 5. CV, AFM, sheet resistance\n\nMercury CV at 10 kHz; area 0.45 mm². In GaN:C the depletion reaches through: report it as *semi-insulating* rather than giving a number. AFM: root-mean-square roughness below 0.4 nm on 5 × 5 µm for HEMT, V-pits below 2E8 cm⁻² for LED. Sheet resistance of the HEMT 340–380 Ω/□, within-wafer spread below 3 %."},{"n":null,"id":"990a6a205bc3a573-017ea588bc","title":"TMGa 버블러 교환 SOP","section":"6. 교환 후 퍼지와 안정화","page":null,"collection":"manuals","url":null,"text":"## 6. 교환 후 퍼지와 안정화\n\n1. 라인을 펌프-퍼지 10회 한다.\n2. 입구 밸브를 먼저, 출구 밸브를 나중에 연다. 순서가 틀리면 E-1082가 뜬다.\n3. 항온조를 5.0 ℃로 내리고 **8시간** 기다린다. 급하면 최소 4시간이며 이 경우 더미 런을 하나 더 한다.\n4. 캐리어 40 sccm, 1300 mbar로 벤트에 2시간 흘린다. 용기 윗부분에 모인 휘발성 불순물을 버리기 위해서이다.\n5. GaN 2 µm 더미 런을 한다. 성장 속도가 이전 런의 ±2 % 안이면 제품에 쓴다."}]','T1','1700000001.000100','fdeab24cf9d6c08ee9f26364ec0900d0a063b9707a43558eadd596a87e11bc72',0,0,'',1);
CREATE TABLE remark (
    -- Unique to the use of the command.
    key TEXT PRIMARY KEY,
    said INTEGER NOT NULL,
    channel TEXT NOT NULL,
    user TEXT NOT NULL,
    remark TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE vote (
    key TEXT NOT NULL,
    user TEXT NOT NULL,
    helpful INTEGER NOT NULL,
    comment TEXT NOT NULL DEFAULT '',
    voted INTEGER NOT NULL,
    PRIMARY KEY (key, user)
) WITHOUT ROWID;
CREATE INDEX answer_asked ON answer (asked);
CREATE INDEX remark_said ON remark (said);
CREATE INDEX answer_words ON answer (asked) WHERE has_words;
COMMIT;
