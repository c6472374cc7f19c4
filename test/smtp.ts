import { createServer, type Socket } from "node:net";

/** A mail server that takes everything and delivers nothing. */
export interface Sink {
  readonly port: number;
  /** The mails as they were sent, oldest first, without the dots that SMTP puts in front of dots. */
  readonly mails: string[];
  readonly close: () => Promise<void>;
}

/** What one connection said so far. */
function talk(socket: Socket, mails: string[]): void {
  let text = "";
  let data: string[] | undefined;
  const answer = (line: string): boolean => socket.write(`${line}\r\n`);
  const take = (line: string): void => {
    if (data !== undefined) {
      if (line === ".") {
        mails.push(data.join("\n"));
        data = undefined;
        answer("250 taken");
      } else data.push(line.replace(/^\./, ""));
      return;
    }
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === "DATA") {
      data = [];
      answer("354 go on");
    } else if (verb === "QUIT") {
      answer("221 bye");
      socket.end();
    } else answer(["EHLO", "HELO", "MAIL", "RCPT", "RSET", "NOOP"].includes(verb) ? "250 ok" : "502 unknown");
  };
  socket.setEncoding("latin1");
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    const lines = `${text}${chunk}`.split("\r\n");
    text = lines.pop() ?? "";
    for (const line of lines) take(line);
  });
  answer("220 sink");
}

/** Starts the server on a free port of the loopback interface. */
export function startSink(): Promise<Sink> {
  const mails: string[] = [];
  const server = createServer((socket) => talk(socket, mails));
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      resolve({ port, mails, close: () => new Promise((done) => server.close(() => done())) });
    });
  });
}
