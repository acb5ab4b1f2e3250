import { describe, expect, it } from "vitest";
import { openOutput } from "../../src/service/output.ts";
import { secret } from "../../src/service/config/secret.ts";

const opened = (json: boolean) => {
  const out: string[] = [];
  const error: string[] = [];
  const output = openOutput(
    {
      stdout: (text) => out.push(text),
      stderr: (text) => error.push(text),
      isTerminal: false,
      columns: () => 80,
      monotonicMs: () => 0,
    },
    json,
  );
  return { output, out: () => out.join(""), error: () => error.join("") };
};

const lastLine = (text: string): unknown => JSON.parse(text.trimEnd().split("\n").at(-1) ?? "");

describe("the output of a command", () => {
  it("ends standard output with one JSON object when asked for it, and keeps words for people out of it", () => {
    const { output, out, error } = opened(true);
    output.say("a run is open already, so this one waits");
    const code = output.result({ sent: 3, open: 0 }, ["3 sent"]);
    expect(code).toBe(0);
    expect(out()).toBe('{"sent":3,"open":0}\n');
    expect(error()).toContain("a run is open already");
  });

  it("shows the lines for people otherwise", () => {
    const { output, out } = opened(false);
    expect(output.result({ sent: 3 }, ["3 sent", "balanced"], "partial")).toBe(5);
    expect(out()).toBe("3 sent\nbalanced\n");
  });

  it("says what is wrong and what to do on standard error, and for scripts as the last line", () => {
    const { output, out, error } = opened(true);
    const code = output.problem("conflict", {
      message: "the folder is in use",
      fix: "end the other demo first",
    });
    expect(code).toBe(4);
    expect(error()).toBe("millrace: the folder is in use\n  end the other demo first\n");
    expect(lastLine(out())).toMatchObject({ error: { ending: "conflict", message: "the folder is in use" } });
  });

  it("prints a secret as stars wherever it is put", () => {
    const { output, out } = opened(true);
    output.result({ url: secret("postgres://u:pw@h/db") }, []);
    expect(out()).toBe('{"url":"***"}\n');
  });

  it("draws progress on standard error, so that a result can be piped on", () => {
    const { output, out, error } = opened(false);
    const progress = output.progress();
    progress.show({ total: 1, outcomes: { sent: 1 } });
    progress.end();
    expect(out()).toBe("");
    expect(error()).toContain("100 %");
  });
});
