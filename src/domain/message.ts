/**
 * What goes to a person: rendered, and personal data from the first letter to the last.
 */
import type { Sensitive } from "./masking-sensitive.ts";

/** A message in the clear. */
export interface MessageParts {
  /** E-mail only. */
  readonly subject: string | null;
  readonly html: string | null;
  readonly text: string;
  /** Text messages only: the class by which the carriers count it, and its length there. */
  readonly size?: { readonly kind: "sms" | "lms"; readonly bytes: number };
}

/** What a sender hands over; it shows itself masked, and `reveal` opens it. */
export type Message = Sensitive<MessageParts, "message">;

/** Names one unchangeable set of templates, such as `2026-11`. */
export type TemplateVersion = string;

/** A message, and what it was made from. */
export interface Rendered {
  readonly message: Message;
  /**
   * `<template version>:<SHA-256 of everything that went into it>`. The right to send pins it: a copy that would be
   * rendered to another one is not sent.
   */
  readonly digest: string;
}
