// demo/main.ts
import { mkdtempSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import path3 from "node:path";
import { SescleError } from "../../dist/index.js";

// demo/demonstration.ts
import { mkdirSync as mkdirSync2, writeFileSync as writeFileSync2 } from "node:fs";
import path2 from "node:path";
import { formatCount as formatCount3, sweep } from "../../dist/index.js";

// demo/disk-check.ts
import { readdirSync, readFileSync } from "node:fs";
var shownNames = 3;
function differencesOnDisk(store, expected) {
  const found = new Set(readdirSync(store));
  const differences = [];
  const report = (names, what) => {
    if (names.length === 0) return;
    const examples = names.slice(0, shownNames).map((name) => JSON.stringify(name));
    differences.push(`${names.length} ${what}, as ${examples.join(", ")}`);
  };
  report(
    [...expected.gone].filter((name) => found.has(name)),
    "expired sessions are still there"
  );
  report(
    [...expected.kept].filter((name) => !found.has(name)),
    "entries that had to stay are gone"
  );
  report(
    [...found].filter((name) => !expected.gone.has(name) && !expected.kept.has(name)),
    "entries are there that nobody wrote"
  );
  return differences;
}
function isIntact(file, contents) {
  try {
    return readFileSync(file, "utf8") === contents;
  } catch {
    return false;
  }
}

// demo/expectation.ts
function fateOf(entry, maxLifetimeSeconds2, nowSeconds2) {
  if (entry.kind === "foreign") return "foreign";
  if (entry.kind !== "session") return "not_regular";
  if (nowSeconds2 - entry.mtimeSeconds <= maxLifetimeSeconds2) return "live";
  return entry.locked ? "in_use" : "removed";
}
function expectation(entries, maxLifetimeSeconds2, nowSeconds2) {
  const counts = {
    removed: 0,
    live: 0,
    in_use: 0,
    not_regular: 0,
    foreign: 0
  };
  const gone = /* @__PURE__ */ new Set();
  const kept = /* @__PURE__ */ new Set();
  let futureDated = 0;
  for (const entry of entries) {
    const fate = fateOf(entry, maxLifetimeSeconds2, nowSeconds2);
    counts[fate] += 1;
    (fate === "removed" ? gone : kept).add(entry.name);
    if (fate === "live" && entry.mtimeSeconds > nowSeconds2) futureDated += 1;
  }
  return { counts, futureDated, gone, kept };
}

// demo/fill.ts
import { execFileSync } from "node:child_process";
import { lutimesSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";

// demo/session-file.ts
var commonAlphabet = "0123456789abcdefghijklmnopqrstuv";
var widestAlphabet = `${commonAlphabet}wxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-,`;
var idLength = 32;
var pages = ["/", "/basket", "/account", "/search?q=tea", "/checkout"];
function randomSessionId(random) {
  return random.text(random.fraction() < 0.1 ? widestAlphabet : commonAlphabet, idLength);
}
function randomSessionData(random) {
  const user = random.text("abcdefghijklmnopqrstuvwxyz", random.integer(3, 12));
  const page = pages[random.integer(0, pages.length - 1)] ?? pages[0];
  const basket = Array.from(
    { length: random.integer(0, 4) },
    (_, index) => `i:${index};i:${random.integer(1e3, 9999)};`
  );
  const notes = random.fraction() < 0.05 ? serializedText("x".repeat(random.integer(1, 8e3))) : "N;";
  return `user|${serializedText(user)}visits|i:${random.integer(1, 500)};page|${serializedText(page)}basket|a:${basket.length}:{${basket.join("")}}notes|${notes}`;
}
function serializedText(text) {
  return `s:${Buffer.byteLength(text)}:"${text}";`;
}

// demo/fill.ts
var chunkSize = 500;
async function fill(store, entries, linkTarget, random, signal, onProgress) {
  const pathOf = ({ name }) => path.join(store, name);
  makeFifos(entries.filter(({ kind }) => kind === "fifo").map(pathOf));
  let bytes = 0;
  for (let start = 0; start < entries.length; start += chunkSize) {
    signal.throwIfAborted();
    for (const entry of entries.slice(start, start + chunkSize)) {
      bytes += write(pathOf(entry), entry, linkTarget, random);
    }
    onProgress(Math.min(start + chunkSize, entries.length));
    await nextTurn();
  }
  return bytes;
}
function write(file, entry, linkTarget, random) {
  const { kind, mtimeSeconds } = entry;
  let bytes = 0;
  switch (kind) {
    case "session": {
      const data = randomSessionData(random);
      writeFileSync(file, data, { mode: 384, flag: "wx" });
      bytes = data.length;
      break;
    }
    case "foreign":
      writeFileSync(file, "No PHP session.\n", { flag: "wx" });
      break;
    case "link":
      symlinkSync(linkTarget, file);
      break;
    case "directory":
      mkdirSync(file);
      break;
    case "fifo":
      break;
  }
  const setTime = kind === "link" ? lutimesSync : utimesSync;
  setTime(file, mtimeSeconds, mtimeSeconds);
  return bytes;
}
function makeFifos(files) {
  execFileSync("mkfifo", ["--", ...files]);
}

// node_modules/pretty-bytes/index.js
var BYTE_UNITS = [
  "B",
  "kB",
  "MB",
  "GB",
  "TB",
  "PB",
  "EB",
  "ZB",
  "YB"
];
var BIBYTE_UNITS = [
  "B",
  "KiB",
  "MiB",
  "GiB",
  "TiB",
  "PiB",
  "EiB",
  "ZiB",
  "YiB"
];
var BIT_UNITS = [
  "b",
  "kbit",
  "Mbit",
  "Gbit",
  "Tbit",
  "Pbit",
  "Ebit",
  "Zbit",
  "Ybit"
];
var BIBIT_UNITS = [
  "b",
  "kibit",
  "Mibit",
  "Gibit",
  "Tibit",
  "Pibit",
  "Eibit",
  "Zibit",
  "Yibit"
];
var UNIT_SETS = [BYTE_UNITS, BIBYTE_UNITS, BIT_UNITS, BIBIT_UNITS];
var toDecimalString = (number) => {
  if (number >= 1e-6 && number < 1e21) {
    return String(number);
  }
  const [mantissa, exponentString] = number.toExponential().split("e");
  const digits = mantissa.replace(".", "");
  const pointPosition = Number(exponentString) + 1;
  const isPositive = pointPosition > 0;
  const padded = isPositive ? digits.padEnd(pointPosition, "0") : "0".repeat(1 - pointPosition) + digits;
  const integerPart = padded.slice(0, isPositive ? pointPosition : 1);
  const fractionPart = padded.slice(isPositive ? pointPosition : 1).replace(/0+$/, "");
  return fractionPart ? `${integerPart}.${fractionPart}` : integerPart;
};
var toLocaleString = (number, locale, options) => {
  if (typeof locale === "string" || Array.isArray(locale) || locale === true) {
    const locales = locale === true ? void 0 : locale;
    if (options !== void 0) {
      return number.toLocaleString(locales, options);
    }
    const text = toDecimalString(number);
    const pointIndex = text.indexOf(".");
    const maximumFractionDigits = pointIndex === -1 ? 0 : text.length - pointIndex - 1;
    if (maximumFractionDigits > 100) {
      return text;
    }
    return number.toLocaleString(locales, { maximumFractionDigits });
  }
  if (options === void 0) {
    return toDecimalString(number);
  }
  return number.toLocaleString("en-US", { ...options, useGrouping: false });
};
var log10 = (numberOrBigInt) => {
  if (typeof numberOrBigInt === "number") {
    return Math.log10(numberOrBigInt);
  }
  const string = numberOrBigInt.toString(10);
  return string.length + Math.log10(`0.${string.slice(0, 15)}`);
};
var log = (numberOrBigInt) => {
  if (typeof numberOrBigInt === "number") {
    return Math.log(numberOrBigInt);
  }
  return log10(numberOrBigInt) * Math.log(10);
};
var divide = (numberOrBigInt, base, exponent) => {
  const divisor = base ** exponent;
  if (typeof numberOrBigInt === "number" || numberOrBigInt <= Number.MAX_SAFE_INTEGER) {
    return Number(numberOrBigInt) / divisor;
  }
  const bigintDivisor = BigInt(base) ** BigInt(exponent);
  const integerPart = numberOrBigInt / bigintDivisor;
  const remainder = numberOrBigInt % bigintDivisor;
  return Number(integerPart) + Number(remainder) / divisor;
};
var toUnrepresentableString = (number, base, exponent, localeOptions) => {
  const scale = BigInt(base) ** BigInt(exponent);
  const whole = number / scale;
  if (localeOptions === void 0) {
    return whole.toString();
  }
  const minimumFractionDigits = localeOptions.minimumFractionDigits ?? 0;
  const maximumFractionDigits = Math.max(localeOptions.maximumFractionDigits ?? 3, minimumFractionDigits);
  const truncated = (number % scale * 10n ** BigInt(maximumFractionDigits) / scale).toString().padStart(maximumFractionDigits, "0");
  const fraction = truncated.replace(/0+$/, "").padEnd(minimumFractionDigits, "0");
  return fraction ? `${whole}.${fraction}` : whole.toString();
};
var signOf = (number, signed) => {
  if (number < 0) {
    return "-";
  }
  if (!signed) {
    return "";
  }
  return number === 0 || number === 0n ? " " : "+";
};
var assertFixedWidth = (fixedWidth) => {
  if (fixedWidth !== void 0 && (typeof fixedWidth !== "number" || !Number.isSafeInteger(fixedWidth) || fixedWidth < 0)) {
    throw new TypeError(`Expected fixedWidth to be a non-negative integer, got ${typeof fixedWidth}: ${fixedWidth}`);
  }
};
var assertFractionDigits = (name, value) => {
  if (value !== void 0 && (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > 100)) {
    throw new TypeError(`Expected ${name} to be an integer between 0 and 100, got ${typeof value}: ${value}`);
  }
};
var buildLocaleOptions = (options) => {
  const { minimumFractionDigits, maximumFractionDigits } = options;
  if (minimumFractionDigits === void 0 && maximumFractionDigits === void 0) {
    return void 0;
  }
  assertFractionDigits("minimumFractionDigits", minimumFractionDigits);
  assertFractionDigits("maximumFractionDigits", maximumFractionDigits);
  if (minimumFractionDigits > maximumFractionDigits) {
    throw new RangeError(`Expected minimumFractionDigits (${minimumFractionDigits}) to not be greater than maximumFractionDigits (${maximumFractionDigits})`);
  }
  return {
    ...minimumFractionDigits !== void 0 && { minimumFractionDigits },
    ...maximumFractionDigits !== void 0 && { maximumFractionDigits },
    roundingMode: "trunc"
  };
};
function prettyBytes(number, options) {
  if (typeof number !== "bigint" && !Number.isFinite(number)) {
    throw new TypeError(`Expected a finite number, got ${typeof number}: ${number}`);
  }
  options = {
    bits: false,
    binary: false,
    space: true,
    nonBreakingSpace: false,
    ...options
  };
  assertFixedWidth(options.fixedWidth);
  const localeOptions = buildLocaleOptions(options);
  const UNITS = UNIT_SETS[(options.bits ? 2 : 0) + (options.binary ? 1 : 0)];
  const separator = options.space ? options.nonBreakingSpace ? "\xA0" : " " : "";
  if (Object.is(number, -0)) {
    number = 0;
  }
  const prefix = signOf(number, options.signed);
  if (number < 0) {
    number = -number;
  }
  const base = options.binary ? 1024 : 1e3;
  let exponent = 0;
  if (number >= 1) {
    exponent = Math.min(Math.floor(options.binary ? log(number) / Math.log(base) : log10(number) / 3), UNITS.length - 1);
  }
  const scaled = divide(number, base, exponent);
  let numberString;
  if (Number.isFinite(scaled)) {
    number = scaled;
    if (number < 1 && exponent > 0) {
      number *= base;
      exponent -= 1;
    }
    if (!localeOptions) {
      const minimumPrecision = Math.max(3, Math.floor(number).toString().length);
      number = Number(number.toPrecision(minimumPrecision));
      if (number >= base && exponent < UNITS.length - 1) {
        number /= base;
        exponent += 1;
      }
    }
    numberString = toLocaleString(number, options.locale, localeOptions);
  } else {
    numberString = toUnrepresentableString(number, base, exponent, localeOptions);
  }
  const result = prefix + numberString + separator + UNITS[exponent];
  return result.padStart(options.fixedWidth ?? 0);
}

// demo/format.ts
import { formatCount } from "../../dist/index.js";
function formatDuration(durationMs) {
  const seconds = durationMs / 1e3;
  return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
}
function formatRate(count, durationMs) {
  return `${formatCount(Math.round(count * 1e3 / Math.max(durationMs, 1)))}/s`;
}
function formatBytes(bytes) {
  return prettyBytes(bytes);
}

// demo/locker.ts
import { spawn } from "node:child_process";
import { once } from "node:events";
var script = `
import fcntl, os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches it too
held = []
for _ in range(int(sys.stdin.readline())):
    descriptor = os.open(sys.stdin.readline().rstrip("\\n"), os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    held.append(descriptor)
print("locked", flush=True)
sys.stdin.read()
`;
async function lockFiles(files) {
  const python = spawn("python3", ["-c", script], { stdio: ["pipe", "pipe", "inherit"] });
  python.stdin.on("error", () => {
  });
  const closed = once(python, "close").catch((error) => {
    throw new Error(`python3, which is to hold the locks, cannot be started: ${error.message}`);
  });
  python.stdin.write(`${files.length}
${files.map((file) => `${file}
`).join("")}`);
  await Promise.race([
    once(python.stdout, "data"),
    closed.then(() => {
      throw new Error("python3 ended before it had locked the sessions");
    })
  ]);
  return {
    async release() {
      python.stdin.end();
      await closed;
    }
  };
}

// demo/population.ts
var foreignNames = [
  "README",
  ".htaccess",
  "index.html",
  "sess_",
  "sess_bad.name",
  "sess_with space",
  "sess_under_score",
  "sess_new\nline",
  "SESS_uppercase",
  "session_5f3a"
];
var day = 86400;
function population(count, maxLifetimeSeconds2, nowSeconds2, random) {
  const longAgo = () => nowSeconds2 - maxLifetimeSeconds2 - random.integer(60, 30 * day);
  const oddities = (kind) => Array.from({ length: 20 }, () => ({
    name: `sess_${randomSessionId(random)}`,
    kind,
    mtimeSeconds: longAgo(),
    locked: false
  }));
  const entries = [
    ...oddities("link"),
    ...oddities("directory"),
    ...oddities("fifo"),
    ...foreignNames.map(
      (name) => ({ name, kind: "foreign", mtimeSeconds: longAgo(), locked: false })
    )
  ];
  const sessions = Math.max(count - entries.length, 100);
  const lockedSessions = Math.min(200, Math.ceil(sessions / 10));
  for (let index = 0; index < sessions; index++) {
    const locked = index < lockedSessions;
    entries.push({
      name: `sess_${randomSessionId(random)}`,
      kind: "session",
      mtimeSeconds: locked ? longAgo() : sessionTime(maxLifetimeSeconds2, nowSeconds2, random),
      locked
    });
  }
  return entries;
}
function sessionTime(maxLifetimeSeconds2, nowSeconds2, random) {
  const share = random.fraction();
  if (share < 0.5) return nowSeconds2 - maxLifetimeSeconds2 - random.integer(1, 30 * day);
  if (share < 0.6) return nowSeconds2 - maxLifetimeSeconds2 + random.integer(-30, 30);
  if (share < 0.62) return nowSeconds2 + random.integer(60, day);
  return nowSeconds2 - random.integer(0, maxLifetimeSeconds2 - 60);
}

// demo/progress-line.ts
var plainIntervalMs = 1e3;
var terminalIntervalMs = 100;
var eraseLine = "\r\x1B[K";
var ProgressLine = class {
  constructor(output2, clockMs) {
    this.output = output2;
    this.clockMs = clockMs;
    this.isTerminal = output2.isTTY === true;
    this.lastMs = clockMs();
  }
  output;
  clockMs;
  isTerminal;
  lastMs;
  /** @param text called only if it is time for a line */
  show(text) {
    const nowMs = this.clockMs();
    const intervalMs = this.isTerminal ? terminalIntervalMs : plainIntervalMs;
    if (nowMs - this.lastMs < intervalMs) return;
    this.lastMs = nowMs;
    this.output.write(this.isTerminal ? `${eraseLine}  ${text()}` : `  ${text()}
`);
  }
  done() {
    if (this.isTerminal) this.output.write(eraseLine);
  }
};

// demo/random.ts
var Random = class {
  /** @param fraction gives at least 0 and less than 1, as Math.random does */
  constructor(fraction) {
    this.fraction = fraction;
  }
  fraction;
  /** A whole number from `low` to `high`, both included. */
  integer(low, high) {
    return low + Math.floor(this.fraction() * (high - low + 1));
  }
  /** `length` characters of `alphabet`. */
  text(alphabet, length) {
    let text = "";
    for (let index = 0; index < length; index++) {
      text += alphabet.charAt(this.integer(0, alphabet.length - 1));
    }
    return text;
  }
};

// demo/table.ts
import { formatCount as formatCount2 } from "../../dist/index.js";
function rowsOf(expected, totals) {
  const { counts, futureDated } = expected;
  const { skipped } = totals;
  const others = totals.wouldRemove + totals.vanished + skipped.changed + skipped.mount_point + skipped.unlockable + skipped.failed;
  const row = (verdict, wanted, found, meaning) => ({
    verdict,
    expected: wanted,
    found,
    meaning
  });
  return [
    row("removed", counts.removed, totals.removed, "expired, and nobody has it open"),
    row("live", counts.live, totals.live, "not expired yet"),
    row("  future-dated", futureDated, totals.futureDated, "of these, written after now"),
    row("in use", counts.in_use, skipped.in_use, "expired, but another process has it locked"),
    row("not regular", counts.not_regular, skipped.not_regular, "links, directories, FIFOs"),
    row("anything else", 0, others, "changed, vanished, failed, \u2026"),
    row("foreign", counts.foreign, totals.foreign, "no session\u2019s name: not looked at")
  ];
}
function formatTable(rows) {
  const cells = [
    ["verdict", "expected", "found", "", ""],
    ...rows.map(({ verdict, expected, found, meaning }) => [
      verdict,
      formatCount2(expected),
      formatCount2(found),
      expected === found ? "ok" : "!!",
      meaning
    ])
  ];
  const width = (column) => cells.reduce((most, line) => Math.max(most, line[column]?.length ?? 0), 0);
  const widths = [width(0), width(1), width(2), 2];
  return cells.map(
    ([verdict = "", expected = "", found = "", mark = "", meaning = ""]) => [
      verdict.padEnd(widths[0] ?? 0),
      expected.padStart(widths[1] ?? 0),
      found.padStart(widths[2] ?? 0),
      mark.padEnd(widths[3] ?? 0),
      meaning
    ].join("  ").trimEnd()
  );
}

// demo/demonstration.ts
var maxLifetimeSeconds = 1440;
var preciousContents = "The links in the store point here. Nobody may touch this file.\n";
var output = process.stdout;
var say = (line = "") => void output.write(`${line}
`);
var nowSeconds = () => Math.floor(Date.now() / 1e3);
async function demonstrate(base, fileCount, signal) {
  const store = path2.join(base, "sessions");
  const precious = path2.join(base, "precious");
  mkdirSync2(store, { mode: 448 });
  writeFileSync2(precious, preciousContents);
  const entries = await fillStore(store, fileCount, precious, signal);
  const locker = await lockFiles(
    entries.filter(({ locked }) => locked).map(({ name }) => path2.join(store, name))
  );
  try {
    const now = nowSeconds();
    const expected = expectation(entries, maxLifetimeSeconds, now);
    const report = await sweepStore(store, now, signal);
    signal.throwIfAborted();
    return compare(expected, report, store, precious);
  } finally {
    await locker.release();
  }
}
async function fillStore(store, fileCount, precious, signal) {
  const random = new Random(Math.random);
  const entries = population(fileCount, maxLifetimeSeconds, nowSeconds(), random);
  say(`Writing ${formatCount3(entries.length)} files to ${store}`);
  const startMs = performance.now();
  const progress = new ProgressLine(output, () => performance.now());
  const bytes = await fill(
    store,
    entries,
    precious,
    random,
    signal,
    (written) => progress.show(() => `${formatCount3(written)} written`)
  );
  progress.done();
  const durationMs = performance.now() - startMs;
  const rate = formatRate(entries.length, durationMs);
  say(`  ${formatBytes(bytes)} of sessions in ${formatDuration(durationMs)} (${rate})`);
  return entries;
}
async function sweepStore(store, now, signal) {
  say();
  say("Sweeping it, as this command would:");
  say(`  sescle sweep -l ${maxLifetimeSeconds} ${store}`);
  const progress = new ProgressLine(output, () => performance.now());
  const report = await sweep(store, {
    maxLifetimeSeconds,
    signal,
    clock: () => now,
    onProgress: ({ scanned: scanned2, removed: removed2, elapsedMs }) => progress.show(
      () => `${formatCount3(scanned2)} sessions looked at, ${formatCount3(removed2)} removed (${formatRate(removed2, elapsedMs)})`
    )
  });
  progress.done();
  const { scanned, removed, bytesFreed } = report.totals;
  say(
    `  ${formatCount3(scanned)} sessions looked at in ${formatDuration(report.durationMs)} (${formatRate(scanned, report.durationMs)}), ${formatCount3(removed)} removed, ${formatBytes(bytesFreed)} of disk space freed`
  );
  return report;
}
function compare(expected, report, store, precious) {
  const rows = rowsOf(expected, report.totals);
  say();
  for (const line of formatTable(rows)) say(line);
  say();
  const differences = rows.filter((row) => row.expected !== row.found).map((row) => `${row.verdict.trim()}: expected ${row.expected}, found ${row.found}`);
  if (!report.complete) differences.push("the report says that the sweep is incomplete");
  for (const error of report.stores.flatMap((swept) => swept.errors)) {
    differences.push(`${error.count} \xD7 ${error.syscall}: ${error.code}, first on ${error.path}`);
  }
  for (const difference of differencesOnDisk(store, expected)) differences.push(difference);
  if (!isIntact(precious, preciousContents)) differences.push(`${precious} was touched`);
  if (differences.length === 0) {
    const [gone, kept] = [expected.gone, expected.kept].map(({ size }) => formatCount3(size));
    say(
      `On the disk: exactly the ${gone} expired sessions are gone, all ${kept} others are there,`
    );
    say("and the file that the symbolic links point at is untouched.");
    return true;
  }
  console.error("The demonstration found differences:");
  for (const difference of differences) console.error(`  ${difference}`);
  return false;
}

// demo/main.ts
var defaultFileCount = 1e5;
async function main() {
  const fileCount = process.env["SESCLE_DEMO_FILES"] ?? String(defaultFileCount);
  if (!/^[1-9][0-9]{0,7}$/.test(fileCount)) {
    console.error(`demo: SESCLE_DEMO_FILES=${fileCount}: give a number of files, as 100000`);
    return 2;
  }
  const interruption = new AbortController();
  let interruptedStatus = 1;
  for (const name of ["SIGINT", "SIGTERM"]) {
    process.on(name, () => {
      interruptedStatus = 128 + constants.signals[name];
      interruption.abort();
    });
  }
  process.stdout.on("error", () => interruption.abort());
  const base = mkdtempSync(path3.join(tmpdir(), "sescle-demo-"));
  try {
    const isAsExpected = await demonstrate(base, Number(fileCount), interruption.signal);
    return isAsExpected ? 0 : 1;
  } catch (error) {
    if (interruption.signal.aborted) {
      console.error("demo: interrupted");
      return interruptedStatus;
    }
    console.error(`demo: ${error instanceof Error ? error.message : String(error)}`);
    if (error instanceof SescleError && error.remedy) console.error(error.remedy);
    return 1;
  } finally {
    console.log(`Removing ${base}`);
    rmSync(base, { recursive: true, force: true });
  }
}
process.exitCode = await main();
//# sourceMappingURL=main.js.map
