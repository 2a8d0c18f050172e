import { bulk } from "../core/reply.ts";
import type { Handlers } from "./call.ts";

export const aclCommands: Handlers = {
  "acl|whoami": ({ client }) => bulk(client.user.name),
};
