import { execFile } from "node:child_process";

/** Runs one program to its end; what it prints on standard error is the message of a failure. */
export function sh(command: readonly string[], input = ""): Promise<string> {
  const [program = "", ...args] = command;
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${command.join(" ")}: ${stderr.trim() || error.message}`));
    });
    child.stdin?.on("error", () => child.kill());
    child.stdin?.end(input);
  });
}

/** A line with the words of one command without blanks in its words. */
export function line(command: string, input = ""): Promise<string> {
  return sh(command.split(" "), input);
}
