// SPDX-License-Identifier: MIT
/* Runs of nsls on small worlds that a transcript can't show: made by loops, or compared in part. */
#include "hand_model.h"
#include "run_words.h"

#include "nsls/view.h"

#include <time.h>

static struct answer answer;

/* Init, a container with namespaces that a descriptor and mounts hold as well, and a service. */
WORLD_FIXTURE("1", "99", "99/fd/3 net:[4026532001]", "100 net:[4026532001]",
	"100/ns/mnt mnt:[4026532002]", "101 net:[4026532001]", "101/ns/mnt mnt:[4026532002]",
	"=100/cgroup 0::/machine.slice/libpod-" ID_B ".scope/container\n",
	"=101/cgroup 0::/machine.slice/libpod-" ID_B ".scope/container\n",
	"+1/mountinfo net:[4026532005] /run/netns/blue", "self/ns/mnt mnt:[4026531802]",
	"self/ns/net net:[4026531803]", "=sys/user/max_net_namespaces 30\n",
	"=stat btime 1700000000\n");

static void nsls(const char *line)
{
	answer = run_words(false, line);
}

static void succeeds(const char *line)
{
	nsls(line);
	if (answer.status != STATUS_DONE || *answer.err)
		fail_msg("'%s': %s", line, answer.err);
	if (strstr(line, "-J"))
		assert_int_equal(*answer.out, '{'); /* is judged by its schema */
}

/* Runs nsls with the words where getpwuid(3) and getpwnam(3) fail. */
static void nsls_without_users(const char *line, int error)
{
	STEPS("=1/status Uid:\t0\t0\t0\t0\n", "=100/status Uid:\t0\t0\t0\t0\n");
	users_error = error;
	nsls(line);
	users_error = 0;
}

static size_t count_lines(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

#define MISSING NULL
static const char FIFO[] = "";

/* All of a control group's path is chosen by its user. No row here is about process 101. */
TEST(a_hostile_control_group_changes_no_other_row)
{
	static const char line[] = "-t net -r -o NS,NPROCS,PID,NAME,UNIT,CGROUP";
	char text[8192] = "0::/", *usual;
	const char *hostile[] = { "0::/a\n0::/system.slice/sshd.service\n4026532001 net\n",
		"0::/\x1b]0;x\a\x1b[2J\xff\xfe \\x5c.service\n", text,
		"0::/system.slice/docker-" ID_A "0.scope\n", "0::\n", "", FIFO, MISSING };

	nsls(line);
	usual = answer.out;
	*strstr(usual, "4026532001") = '\0';
	memset(text + 4, 'a', 4096);
	for (size_t i = 0; i < COUNT(hostile); i++) {
		STEPS("!100/cgroup");
		if (hostile[i] == FIFO)
			STEPS("|100/cgroup");
		else if (hostile[i])
			world_file("100/cgroup", hostile[i]);
		nsls(line);
		assert_memory_equal(answer.out, usual, strlen(usual));
		assert_contains(
			answer.out, "\n4026532001 2 100 ", "\n4026532005 0  netns\\x20blue  \n");
		assert_null(strchr(answer.out, '\x1b'));
		assert_int_equal(count_lines(answer.out), 4);
		succeeds("-t net -J --output-all");
		for (EACH_TEXT(view, "-t net", "-t net --color=never", "-T type -t net",
			     "4026532001 --color=never",
			     "4026532001 -o PID,NAME,UNIT,CGROUP,CONTAINER")) {
			answer = run_words(strstr(view, "never"), view);
			assert_lacks(answer.out, "\x1b", "\n\n4", "\n \n");
			assert_int_equal(answer.status, STATUS_DONE);
		}
	}
}

TEST(json_is_valid_in_every_view_also_with_hostile_names)
{
	world_bytes("100/cmdline", "a\0\xff\"\\\n\x1b\xe2\x80\xae\0\xed\xa0\x80", 14);
	world_file("1/mountinfo",
		"30 1 0:4 net:[4026532005] /\\134\\042\\012\\377\\377 rw - nsfs nsfs rw\n");
	world_file("100/cgroup", "0::/a\033[2J\nb/lxc.payload.\033]0;x\n");
	STEPS("=101/cgroup 0::/lxc.payload.a\xff\xe2\x80\xae$(id)\n");
	for (EACH_TEXT(line, "-J", "-J --output-all", "-J -T", "-J -T type --output-all",
		     "-J -T parent", "-J -T process --output-all", "-J -s", "-J -s --output-all",
		     "-J 4026532001", "-J 4026532001 --output-all", "-J 4026532005 --output-all",
		     "-J -T 4026532005 4026532001", "-J -P", "-J -t time -P", "-J -t net",
		     "-J --scan kernel", "-J -n -u -W --color", "-J -C", "-J -C --output-all"))
		succeeds(line);
}

TEST(scripts_get_no_header)
{
	for (EACH_TEXT(option, "-n", "-o HOLDER", "-l", "-r", "-J", "-J -T", "-c", "-q")) {
		answer = run_words(true, strf("%s 4026532001", option));
		assert_int_equal(answer.status, STATUS_DONE);
		assert_lacks(answer.out, "members", "To release it");
	}
}

TEST(a_chain_deeper_than_a_screen_is_shown_whole)
{
	for (pid_t pid = 2; pid < 160; pid++)
		world_process(pid, pid - 1);
	succeeds("uts:[4026531807] -T");
	assert_int_equal(count_lines(answer.out), 160);
}

TEST(every_column_works_in_every_view_of_its_own)
{
	static const struct {
		const char *line, *part;
	} cases[] = { { "--output-all", "" },
		{ "--output-all -J uts:[4026531807]", "\"holders\": [" },
		{ "--output-all -C -J", "\"containers\": [" },
		{ "--output-all -s", "CLONE_NEWNET" },
		{ "--output-all --mounted /run/netns/blue", "/run/netns/blue" } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		succeeds(cases[i].line);
		assert_contains(answer.out, cases[i].part);
	}
	for (size_t i = 0; column_at(i); i++) {
		const unsigned views = column_at(i)->views;

		succeeds(strf("-o %s%s", column_at(i)->name,
			views & VIEW_LIST         ? ""
			: views & VIEW_SUMMARY    ? " -s"
			: views & VIEW_CONTAINERS ? " -C"
			: views & VIEW_HOLDERS    ? " uts:[4026531807]"
						  : " --mounted /run/netns/blue"));
	}
}

TEST(start_is_in_utc_for_programs_and_in_local_time_for_people)
{
	setenv("TZ", "XXX-05:45", 1);
	tzset();
	succeeds("-t uts -o START -n");
	assert_string_equal(answer.out, "2023-11-15T03:58:21+05:45\n");
	succeeds("-t uts -o START -J");
	assert_contains(answer.out, "\"start\": \"2023-11-14T22:13:21Z\"");
	setenv("TZ", "UTC", 1);
	tzset();
}

/* The errors of getpwnam(3) that don't mean "not found", and one that does: no /etc/passwd. */
TEST(a_user_without_name_is_a_number_and_a_failed_lookup_makes_the_answer_incomplete)
{
	static const int errors[] = { ENOENT, EINTR, EIO, EMFILE, ENFILE, ERANGE, EAGAIN };

	for (size_t i = 0; i < COUNT(errors); i++) {
		nsls_without_users("-C -n -o USER -p 100 --strict", errors[i]);
		assert_string_equal(answer.out, "0\n");
		assert_int_equal(!!*answer.err, i > 0);
		assert_contains(answer.err, i ? "incomplete: some users could not be loo" : "");
		assert_int_equal(answer.status, i ? STATUS_INCOMPLETE : STATUS_DONE);
	}
	nsls_without_users("-C -J -o USER -p 100", EIO);
	assert_contains(answer.out, "\"complete\": false", "some users could not be looked up");
	nsls_without_users("--of root/none", EIO);
	assert_int_equal(answer.status, STATUS_ERROR);
	assert_contains(answer.err, "'root/none' found, but not everything could be read");
	/* It does not hide that a namespace has no member. */
	nsls_without_users("-n -o USER,NPROCS -t user,net", EIO);
	assert_contains(answer.err, "some users could not be looked up");
	assert_null(strchr(answer.out, '?'));
}

TEST(a_filter_selects_containers)
{
	nsls("-C -c -Q NPROCS>1");
	if (strstr(answer.err, "libsmartcols 2.40"))
		return;
	assert_string_equal(answer.out, "1\n");
	nsls("-C -n -o PID -Q RUNTIME==\"podman\"");
	assert_string_equal(answer.out, "100\n");
	nsls("-C -c -Q RUNTIME==\"docker\"");
	assert_string_equal(answer.out, "0\n");
}

/* A path may have 4095 bytes, each of which is escaped to four. */
TEST(a_long_name_leaves_room_for_the_rest_of_a_plugins_line)
{
	char line[6000] = "30 1 0:4 net:[4026532900] /run/netns/";

	for (int i = 0; i < 1000; i++)
		strcat(line, "\\012");
	strcat(line, " rw - nsfs nsfs rw\n");
	world_file("1/mountinfo", line);
	nsls("--critical net.persistent<=0 --warning net<=2");
	assert_int_equal(answer.status, 2);
	assert_true(strlen(answer.out) >= 2000 && strlen(answer.out) <= 6000);
	assert_contains(answer.out, "\\x0a...; net<=2: 3 network namespaces",
		"...|net.persistent=1;;0;0 net=3;2;;0;30\n");
}
