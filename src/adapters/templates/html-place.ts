/**
 * Where in an HTML part an expression stands, as far as is needed to say that escaping is enough there.
 *
 * Escaping `<`, `&` and quotes makes a value harmless between tags and inside quotes, and nowhere else: a script, a
 * style, an address that begins with `javascript:` and an attribute without quotes read it their own way. So those places
 * take no variable at all, and addresses take one only behind their host, through `urlPart`.
 */

/** Attributes that hold an address. */
const ADDRESSES = new Set(["href", "src", "action", "formaction", "background", "poster"]);
/** Up to the host's end, so that no value chooses where a link leads. */
const HOST_WRITTEN = /^(?:https:\/\/[^/?#\s]+[/?#]|mailto:|tel:)/i;
/** Elements whose contents are not text. */
const RAW_ELEMENTS = new Set(["script", "style", "title", "textarea", "iframe", "xmp", "noscript"]);
const ESCAPABLE = new Set(["title", "textarea"]);

const NEEDS_QUOTES = "a variable inside a tag needs quotes around it";

type Mode = "text" | "comment" | "tag" | "value";

export class HtmlPlace {
  #mode: Mode = "text";
  /** What of the present tag, value or comment was read. */
  #read = "";
  #quote = "";
  #attribute = "";
  #rawElement = "";
  /** `<td`, kept while the attributes of that tag are read. */
  #tag = "";

  /** Reads on over what the template says itself. */
  read(content: string): void {
    for (const character of content) this.#readOne(character);
  }

  /** Why no value may be shown here, or nothing. `format`: the outermost format of the expression, if any. */
  objection(format: string | null): string | null {
    if (this.#rawElement !== "" && !ESCAPABLE.has(this.#rawElement))
      return `a variable inside <${this.#rawElement}> is not safe: put it between tags`;
    switch (this.#mode) {
      case "text":
        return this.#read === "" ? null : NEEDS_QUOTES; // a "<" stands right before it
      case "comment":
        return "a variable inside an HTML comment is sent and seen by nobody: take it out";
      case "tag":
        return NEEDS_QUOTES;
      case "value":
        return this.#objectionInValue(format);
    }
  }

  #objectionInValue(format: string | null): string | null {
    if (this.#attribute.startsWith("on") || this.#attribute === "style" || this.#attribute === "srcset")
      return `a variable inside ${this.#attribute}="…" is not safe`;
    if (!ADDRESSES.has(this.#attribute)) return null;
    if (!HOST_WRITTEN.test(this.#read))
      return `an address in ${this.#attribute} begins with https:// and its host, written in the template`;
    return format === "urlPart" ? null : `a variable inside an address is written {{urlPart …}}`;
  }

  #readOne(character: string): void {
    switch (this.#mode) {
      case "text":
        this.#readText(character);
        return;
      case "comment":
        this.#read = (this.#read + character).slice(-3);
        if (this.#read === "-->") this.#enter("text");
        return;
      case "tag":
        this.#readTag(character);
        return;
      case "value":
        if (character === this.#quote) this.#enter("tag", `${this.#tag} `);
        else this.#read += character;
    }
  }

  #readText(character: string): void {
    if (character === "<") this.#read = "<";
    else if (this.#read !== "") this.#read += character;
    if (this.#read === "<!--") this.#enter("comment");
    else if (/^<\/?[a-z]$/i.test(this.#read) && this.#mayOpen()) {
      this.#tag = "";
      this.#enter("tag", this.#read);
    } else if (this.#read.length > 3 || /^<[^/!a-z]/i.test(this.#read)) this.#read = "";
  }

  /** Inside a script only its own end is a tag. */
  #mayOpen(): boolean {
    return this.#rawElement === "" || this.#read.startsWith("</");
  }

  #readTag(character: string): void {
    if (character === ">") {
      this.#endTag();
      return;
    }
    if (this.#tag === "" && /[\s/]/.test(character) && !/^<\/?$/.test(this.#read)) this.#tag = this.#read;
    if (character === '"' || character === "'") {
      const [, name = ""] = /([^\s"'=<>/]+)\s*=\s*$/.exec(this.#read) ?? [];
      this.#attribute = name.toLowerCase();
      this.#quote = character;
      this.#enter("value");
      return;
    }
    this.#read += character;
  }

  #endTag(): void {
    const [, slash = "", name = ""] =
      /^<(\/?)([a-z0-9-]+)/i.exec(this.#tag === "" ? this.#read : this.#tag) ?? [];
    const element = name.toLowerCase();
    if (slash === "" && RAW_ELEMENTS.has(element)) this.#rawElement = element;
    else if (slash === "/" && element === this.#rawElement) this.#rawElement = "";
    this.#enter("text");
  }

  #enter(mode: Mode, read = ""): void {
    this.#mode = mode;
    this.#read = read;
  }
}
