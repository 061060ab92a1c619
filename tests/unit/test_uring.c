// SPDX-License-Identifier: MIT
/* Files that are registered with a ring of io_uring(7), as fdinfo shows them. */
#include "small_world.h"

#include "nsls/procfs.h"

#include <inttypes.h>

#define HEAD                                                                                       \
	"pos:\t0\nflags:\t02000002\nmnt_id:\t15\nino:\t77\nSqMask:\t0x0\nSQEs:\t0\n"               \
	"SqThread:\t-1\n"
#define TAIL "UserBufs:\t1\n    0: 0x7f0000000000/4096\nPollList:\nCqOverflowList:\n"

/* A step that makes the file fdinfo of a ring in which these files are registered. */
#define RING(fdinfo, files) "=" fdinfo " " HEAD "UserFiles:\t9\n    0: " files "\n" TAIL
#define BUSY_RING(fdinfo) "=" fdinfo " pos:\t0\nflags:\t02000002\nmnt_id:\t15\nino:\t77\n"

/* What the lines name, such as "uts:[7] socket:[9]", and "!" for a line that is an error. */
static char *names_in(const char *text)
{
	struct ring_text ring = { 0 };
	char *rest = strf("%s", text), *line;
	FILE *names = test_stream();

	while ((line = strsep(&rest, "\n"))) {
		struct ring_file file;
		char ref[NSTYPE_TEXT_MAX];
		int r = ring_take_line(&ring, line, &file);

		if (r < 0)
			fputs("! ", names);
		else if (r > 0 && file.socket)
			fprintf(names, "socket:[%" PRIu64 "] ", file.socket);
		else if (r > 0)
			fprintf(names, "%s ", nstype_format(file.ns, ref));
	}
	return test_stream_close(names);
}

static void assert_names(const char *text, const char *expected)
{
	assert_string_equal(names_in(text), expected);
}

WORLD_FIXTURE("3", "4", "3/fd/5 " RING_LINK);

TEST_WITH(registered_files_are_named_by_their_links, NULL, NULL)
{
	assert_names(HEAD "UserFiles:\t2000000\n    0: uts:[4026532377]\n    2: socket:[93]\n"
			  "   10: /etc/passwd\n  123: pipe:[5]\n 1234: anon_inode:[eventfd]\n"
			  "123456: net:[4026531840]\n1234567: pid:[8]\n" TAIL,
		"uts:[4026532377] socket:[93] net:[4026531840] pid:[8] ");
	assert_names(HEAD "UserFiles:\t0\n" TAIL, "");
	assert_names("UserFiles:\t1\n    0: uts:[7]", "uts:[7] ");
}

TEST_CALL(text_similar_to_a_namespace_is_none,
	assert_names(HEAD
		"UserFiles:\t64\n    0: /tmp/uts:[7]\n    1: /tmp/x\\012    2: uts:[8]\n"
		"    2: uts:[9] (deleted)\n    3: uts:[10]x\n    4:  uts:[11]\n    5: uts:[0]\n"
		"    6: uts:[99999999999]\n    7: /\n    8: \n    9: UTS:[12]\n   10: <none>\n"
		"   11: socket:[]\n   12: socket:[0]\n   13: socket:[-1]\n   14: net:[1]\r\n" TAIL,
		""));

TEST_WITH(what_stands_before_or_behind_the_files_names_none, NULL, NULL)
{
	assert_names("    0: uts:[7]\nUserFiles: 5 \nUserFiles:\nUserFiles:\t-1\nxUserFiles:\t9\n"
		     "    0: uts:[8]\n",
		"");
	assert_names(HEAD "UserFiles:\t1\n    0: uts:[7]\nUserBufs:\t9\n    1: uts:[8]\n"
			  "UserFiles:\t9\n    2: uts:[9]\n",
		"uts:[7] ");
}

TEST_WITH(a_file_out_of_place_is_refused, NULL, NULL)
{
	assert_names(HEAD "UserFiles:\t2\n    2: uts:[7]\n", "! ");
	assert_names(HEAD "UserFiles:\t9\n    2: uts:[7]\n    2: uts:[8]\n", "uts:[7] ! ");
	for (EACH_TEXT(number, "     ", "    1 ", "    1:", "99999999999999999999: "))
		assert_names(strf(HEAD "UserFiles:\t9\n%suts:[7]\n", number), "! ");
}

/* Whatever the bytes, a file that is named is one that the line has, word for word. */
TEST_WITH(garbage_is_survived, NULL, NULL)
{
	static const char bits[] = "UserFiles:\t9\n 0123456789:[]utsocknet\n\\\xff\x01";
	char text[400];

	srandom(1);
	for (int run = 0; run < 20000; run++) {
		size_t len = (size_t)random() % (sizeof(text) - 40);
		char *names, *name, *rest = NULL;

		strcpy(text, random() % 4 ? "UserFiles:\t9\n    0: " : "");
		for (size_t i = strlen(text); i < len; i++) {
			text[i] = bits[(size_t)random() % (sizeof(bits) - 1)];
			text[i + 1] = '\0';
		}
		names = names_in(text);
		for (name = strtok_r(names, " !", &rest); name; name = strtok_r(NULL, " !", &rest))
			assert_contains(text, name);
	}
}

STEPS_TEST(a_ring_holds_what_is_registered_with_it, RING("3/fdinfo/5", "uts:[70]\n    1: net:[71]"),
	"=> uts:[70] uring 3:5", "=> net:[71] uring 3:5", "=> complete");

STEPS_TEST(file_registered_several_times_is_emitted_once,
	RING("3/fdinfo/5", "uts:[70]\n    1: uts:[70]\n    2: uts:[70]"), "=> uts:[70] uring 3:5");

/* As in a procfs, where a ring has an inode number. */
#define SHARED(inode) "has_listns=1", "ring_inode=" inode

STEPS_TEST(each_process_that_shares_a_ring_holds_by_it_once, SHARED("77"), "3/fd/6 " RING_LINK,
	"4/fd/9 " RING_LINK, RING("3/fdinfo/5", "uts:[70]"), "=> uts:[70] uring 3:5, uring 4:9");

/* A user could make the product of processes and files by making their sum. */
TEST(ring_that_many_processes_share_is_listed_for_the_first_four)
{
	for (pid_t pid = 4; pid <= 20; pid++)
		STEPS(strf("%d", pid), strf("%d/fd/9 " RING_LINK, pid));
	STEPS(SHARED("77"), RING("3/fdinfo/5", "uts:[70]\n    1: uts:[71]"),
		"=> uts:[70] uring 3:5, uring 4:9, uring 5:9, uring 6:9",
		"=> uts:[71] uring 3:5, uring 4:9, uring 5:9, uring 6:9", "=> complete");
}

STEPS_TEST(a_descriptor_that_is_another_ring_by_now_is_not_read, SHARED("78"), "4/fd/9 " RING_LINK,
	RING("3/fdinfo/5", "uts:[70]"), "=4/fdinfo/9 ino:\t78\nUserFiles:\t1\n    0: uts:[71]\n",
	"=> !uts:[70]", "=> uts:[71] uring 3:5, uring 4:9", "=> complete");

STEPS_TEST(other_anonymous_files_are_not_read, SHARED("77"), "3/fd/5 anon_inode:[eventpoll]",
	RING("3/fdinfo/5", "uts:[70]"), "=> !uts:[70]", "=> unlimited RING_UNREAD");

STEPS_TEST(a_ring_of_a_thread_is_read_where_the_thread_has_it, "3/task/3/",
	"3/task/100004/fd/8 " RING_LINK, RING("3/task/100004/fdinfo/8", "uts:[70]"),
	"=> uts:[70] uring 3/100004:8");

STEPS_TEST(a_busy_ring_makes_the_answer_incomplete, BUSY_RING("3/fdinfo/5"),
	"=> limitations RING_UNREAD", "=> incomplete");

/* A namespace that only the kernel lists makes the scan begin again. */
STEPS_TEST(a_busy_ring_takes_no_other_with_it_when_all_is_scanned_again, "has_listns=1",
	"@pid:[40] id=500 listed", "1", BUSY_RING("3/fdinfo/5"), "4/fd/9 " RING_LINK,
	"=4/fdinfo/9 ino:\t78\nUserFiles:\t1\n    0: uts:[71]\n", "=> pid:[40] kernel",
	"=> uts:[71] uring 4:9", "=> limited RING_UNREAD", "=> unreadable 3", "=> readable 4");

STEPS_TEST(a_ring_without_files_is_not_busy, "=3/fdinfo/5 " HEAD "UserFiles:\t64\n" TAIL,
	"=> limitations none");

STEPS_TEST(ring_that_closes_during_the_scan_is_no_error, "=> complete");

STEPS_TEST(a_ring_that_is_not_what_it_should_be_is_counted,
	"=3/fdinfo/5 " HEAD "UserFiles:\t3\n    0: uts:[70]\n nonsense\n", "=> uts:[70] uring 3:5",
	"=> fds 0 0 1");

/* Any user can make paths that are longer than what is read of other files. */
STEPS_TEST(a_long_path_hides_no_file_behind_it,
	strf("=3/fdinfo/5 UserFiles:\t9\n    0: /%0199999d uts:[69]\n    1: uts:[70]\n" TAIL, 0),
	"=> uts:[70] uring 3:5", "=> !uts:[69]", "=> complete");

STEPS_TEST(socket_of_a_ring_is_in_the_namespace_found_by_another_descriptor, "@net:[90]",
	"@socket:[900] 90 7", "4/fd/3 socket:[900]", RING("3/fdinfo/5", "socket:[900]"),
	"=> net:[90] socket 4:3, uring 3:5", "=> limitations none");

STEPS_TEST(socket_in_the_namespace_of_its_process_adds_no_holder, "@net:[4026531803]",
	"@socket:[900] 4026531803 7", "4/fd/3 socket:[900]", RING("3/fdinfo/5", "socket:[900]"),
	"=> net:[4026531803] process 3, process 4", "=> limitations none");

STEPS_TEST(a_socket_that_only_a_ring_has_is_noted, RING("3/fdinfo/5", "socket:[900]"),
	"=> limitations RING_SOCKETS", "=> complete");

STEPS_TEST(sockets_are_no_limitation_if_they_are_not_scanned, RING("3/fdinfo/5", "socket:[900]"),
	"without sockets", "=> limitations none");

STEPS_TEST(rings_are_not_read_without_descriptors, RING("3/fdinfo/5", "uts:[70]"), "without fds",
	"=> !uts:[70]");

/* There, a file with the name "uts:[70]" would be taken for a namespace. */
STEPS_TEST(an_old_kernel_s_names_are_not_believed, SHARED("77"), "kernel.names_ring_files=0",
	RING("3/fdinfo/5", "uts:[70]"), "=> !uts:[70]", "=> limited RING_FILES", "=> complete");
