import { createHmac } from "node:crypto";
import { request as requestByHttp } from "node:http";
import type { RequestOptions } from "node:https";
import type { LookupFunction } from "node:net";
import { errnoCode, strerror } from "../../base/errno.ts";
import type { RunId } from "../../core/state.ts";
import { eventJson, type PastEvent } from "../past-event.ts";
import type { HookConfig } from "./config.ts";

const ANSWER_MS = 5_000;

/** Sends one event; null: it was taken, else why not, in words without the address or the secret. */
export async function post(
  config: HookConfig,
  event: PastEvent,
  sender: RunId,
  lookup: LookupFunction,
): Promise<string | null> {
  try {
    const body = Buffer.from(eventJson(event));
    return await answerOf(config, headersOf(config, event, sender, body), body, lookup);
  } catch (error) {
    return troubleOf(error, config.url);
  }
}

function headersOf({ secret }: HookConfig, event: PastEvent, sender: RunId, body: Buffer) {
  return {
    "content-type": "application/json; charset=utf-8",
    "content-length": body.length,
    "user-agent": "redis-sentinel-ts",
    "x-sentinel-event": event.name,
    // The same for each attempt: who gets it twice knows by this.
    "x-sentinel-delivery": `${sender}-${event.id}`,
    ...(secret !== null && {
      "x-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
    }),
  };
}

/** Nobody is followed who sends us elsewhere: the operator said where. */
async function answerOf(
  { url, authorities }: HookConfig,
  headers: Record<string, string | number>,
  body: Buffer,
  lookup: LookupFunction,
): Promise<string | null> {
  const isTls = new URL(url).protocol === "https:";
  const request = isTls ? (await import("node:https")).request : requestByHttp;
  const options: RequestOptions = {
    method: "POST",
    headers,
    agent: false,
    lookup,
    ...(authorities !== null && { ca: authorities }),
  };
  return await new Promise((resolve) => {
    const sent = request(url, options, (response) => {
      const { statusCode: status = 0 } = response;
      clearTimeout(timer);
      // What it says is of no use, and may be without end.
      response.destroy();
      resolve(status >= 200 && status < 300 ? null : `it answers with status ${status}`);
    });
    const timer = setTimeout(() => {
      resolve(`no answer within ${ANSWER_MS / 1_000} s`);
      sent.destroy();
    }, ANSWER_MS);
    sent.on("error", (error) => {
      clearTimeout(timer);
      resolve(troubleOf(error, url));
    });
    sent.end(body);
  });
}

/** The sentences of Node for these name the host. */
const TROUBLES: Readonly<Record<string, string>> = {
  ENOTFOUND: "its host is not found",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
};

function troubleOf(error: unknown, url: string): string {
  const { hostname } = new URL(url);
  return TROUBLES[errnoCode(error) ?? ""] ?? strerror(error).replaceAll(hostname, "its host");
}
