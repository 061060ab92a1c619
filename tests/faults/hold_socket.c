// SPDX-License-Identifier: MIT
/* Has a socket, says so in a line, and waits for the end of standard input. */
#include <stdio.h>
#include <sys/socket.h>

int main(void)
{
	if (socket(AF_UNIX, SOCK_STREAM, 0) < 0) {
		perror("socket");
		return 1;
	}
	puts("ready");
	fflush(stdout);
	return getchar() == EOF ? 0 : 1;
}
