/**
 * What certain texts have to look like. Each answers `true`, or what is wrong in words that fit behind the setting's
 * name and do not show the text itself.
 */
import { Cron } from "croner";
import { Result } from "effect";
import { zoneId } from "../../domain/zone-time.ts";

type Spelling = (value: string) => true | string;

const parsed = (value: string): URL | null => {
  try {
    return new URL(value);
  } catch {
    return null;
  }
};

export const httpUrl: Spelling = (value) => {
  const url = parsed(value);
  if (url === null || !/^https?:$/.test(url.protocol))
    return "is no address that begins with http:// or https://";
  if (url.username !== "" || url.password !== "")
    return "has a credential in it, which is not kept secret there";
  return url.search === "" && url.hash === "" ? true : "has a ? or # in it, and paths are added behind it";
};

export const postgresUrl: Spelling = (value) => {
  const url = parsed(value);
  return url !== null && /^postgres(ql)?:$/.test(url.protocol) && url.host !== ""
    ? true
    : "is no address that begins with postgres://, a host behind it";
};

export const headerName: Spelling = (value) =>
  /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(value) ? true : "is no name of a header";

export const cronExpression: Spelling = (value) => {
  try {
    // Paused and without work to do: made only to be read, it starts no timer.
    new Cron(value, { paused: true }).stop();
    return true;
  } catch {
    return "is no cron expression";
  }
};

export const zoneName: Spelling = (value) =>
  Result.match(zoneId(value), { onSuccess: () => true, onFailure: () => "is no zone of the IANA database" });

export const hostName: Spelling = (value) =>
  /^[A-Za-z0-9.:_-]+$/.test(value) ? true : "is no address or name of a machine";

export const brokerAddress: Spelling = (value) => {
  const port = /^(?:\[[0-9a-fA-F:]+\]|[^\s:/@]+):(\d{1,5})$/.exec(value)?.[1];
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535
    ? true
    : "is no address of a broker, as host:port";
};

export const topicName: Spelling = (value) =>
  /^[A-Za-z0-9._-]{1,200}$/.test(value) && value !== "." && value !== ".."
    ? true
    : 'is no name of a topic (letters, digits, ".", "_" and "-", at most 200)';

const MIN_TOKEN = 16;

/** Such a token is guessed over the network otherwise. */
export const bearerToken: Spelling = (value) => {
  if (value.length < MIN_TOKEN) return `is shorter than ${MIN_TOKEN} characters`;
  return /^[\x21-\x7e]+$/.test(value) ? true : "has a space or a character outside ASCII in it";
};
