/** A setting that cannot be used. The message names the variable, what it is and what it should be. */
export class ConfigError extends Error {
  constructor(variable: string, is: string, expected: string) {
    super(`${variable} is ${JSON.stringify(is)}; expected ${expected}.`);
    this.name = "ConfigError";
  }
}
