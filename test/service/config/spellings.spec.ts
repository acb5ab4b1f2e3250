import { describe, expect, it } from "vitest";
import {
  bearerToken,
  cronExpression,
  headerName,
  hostName,
  httpUrl,
  postgresUrl,
  zoneName,
} from "../../../src/service/config/spellings.ts";

describe("a spelling", () => {
  it.each([
    [httpUrl, "https://gateway.example/messages"],
    [httpUrl, "http://127.0.0.1:8080"],
    [postgresUrl, "postgres://user:p%40ss@db:5432/millrace"],
    [postgresUrl, "postgresql://db/millrace?sslmode=require"],
    [headerName, "x-api-key"],
    [cronExpression, "0 */2 * * *"],
    [cronExpression, "0 9 * * MON-FRI"],
    [zoneName, "Asia/Seoul"],
    [hostName, "0.0.0.0"],
    [hostName, "::1"],
    [bearerToken, "0123456789abcdef"],
  ])("is accepted: %o %s", (spelling, value) => {
    expect(spelling(value)).toBe(true);
  });

  it.each([
    [httpUrl, "gateway.example"],
    [httpUrl, "ftp://gateway.example"],
    [httpUrl, "https://user:geheim@gateway.example"],
    [httpUrl, "https://gateway.example/?key=geheim"],
    [postgresUrl, "mysql://user:geheim@db/m"],
    [postgresUrl, "postgres:///millrace"],
    [headerName, "x api key"],
    [headerName, "x\r\ninjected"],
    [cronExpression, "61 * * * *"],
    [cronExpression, "every hour"],
    [zoneName, "Asia/Soul"],
    [hostName, "a b"],
    [bearerToken, "geheim"],
    [bearerToken, "geheim geheim geheim"],
  ])("is refused in words that do not show it: %o %s", (spelling, value) => {
    const answer = spelling(value);
    expect(answer).toMatch(/^(is|has) /);
    expect(answer).not.toContain("geheim");
  });
});
