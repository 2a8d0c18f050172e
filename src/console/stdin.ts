/** What `-` stands for among the files of a command line. */
export const STDIN = "/dev/stdin";
