/** A place for specs: what is started there was compiled once for the whole run. */
import { compiled } from "../../support/program.ts";
import { openPlace, type Place } from "./place.ts";

export const openBuiltPlace = async (environment?: Readonly<Record<string, string>>): Promise<Place> =>
  openPlace(environment, await compiled());
