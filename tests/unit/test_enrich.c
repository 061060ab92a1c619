// SPDX-License-Identifier: MIT
/*
 * What is read of shown rows only, also when processes end or change after the scan. Besides those
 * of small_world.h, which do not scan here, steps are:
 *
 *	scan                   the steps behind it change the world after the scan
 *	limit uts => 1000      the limit of this type, or "none"
 *	uts: STAT COMM => 5 ppid 1, comm x; 6 ppid 1
 *	                       scans if that was not done, reads this for the rows of hand_query(),
 *	                       or "everything", and prints what is known of each process; "?" if
 *	                       all that was tried is unknown; without words, a result of FOUND()
 */
#include "hand_model.h"

static int set_up(void **state)
{
	world_set_up(state);
	STEPS("5");
	world_bytes("5/cmdline", "sleep\0inf\0", 10);
	STEPS("=5/status Uid:\t1\t1234\t3\t4\nNSpid:\t5\t2\n");
	rows = (struct rows){ 0 };
	return 0;
}

static int tear_down(void **state)
{
	rows_done(&rows);
	return world_tear_down(state);
}

static const struct enrich_ctx ctx = { &scanned.procfs, &scanned.pool, &scanned.model,
	&scanned.report };

static void read_needs(unsigned needs)
{
	assert_int_equal(enrich_rows(&ctx, needs, &rows), 0);
}

#define NEED_PROCESS (NEED_STAT | NEED_STATUS | NEED_COMMAND)
#define NEED_INSIDE (NEED_LINKS | NEED_UIDMAP | NEED_GIDMAP | NEED_OFFSETS)

#define N(name) #name, NEED_##name

static unsigned need(const char *word)
{
	static const struct {
		const char *name;
		unsigned bits;
	} needs[] = { { N(STAT) }, { N(STATUS) }, { N(COMMAND) }, { N(PROCESS) },
		{ N(MEMBERS_STAT) }, { N(ANCESTRY) }, { N(IDENTITY) }, { N(COMM) }, { N(UIDMAP) },
		{ N(OFFSETS) }, { N(INSIDE) } };

	for (size_t i = 0; i < COUNT(needs); i++)
		if (!strcmp(word, needs[i].name))
			return needs[i].bits;
	fail_msg("not needed: %s", word);
	return 0;
}

static void add_known(const struct process *process, struct strbuf *out)
{
	size_t start = out->len;

	strbuf_addf(out, "%s%d ", out->len ? "; " : "", process->pid);
	if (process->zombie)
		strbuf_adds(out, "zombie, ");
	if (process->has_stat)
		strbuf_addf(out, "ppid %d, ", process->ppid);
	if (process->has_status)
		strbuf_addf(out, "uid %u nspid %d, ", process->uid, process->nspid);
	if (process->command)
		strbuf_addf(out, "%s, ", process->command);
	if (process->comm)
		strbuf_addf(out, "comm %s, ", process->comm);
	if (process->identity)
		strbuf_addf(out, "%s, ", process->identity->unit);
	if (process->has_links)
		strbuf_addf(out, "links %u, ", process->links);
	for (size_t i = 0; i < COUNT(process->inside); i++)
		if (process->inside[i]) /* a line */
			strbuf_addf(out, "%.*s, ", (int)strcspn(process->inside[i], "\n"),
				process->inside[i]);
	if (out->text[out->len - 2] == ',')
		strbuf_cut(out, out->len - 2);
	else if (process->attempted)
		strbuf_adds(out, "?");
	else
		strbuf_cut(out, start);
}

/* "none" is no limit. */
static const char *limit_of(char *type)
{
	struct query query = hand_query(type);

	rows_done(&rows);
	query_summary(&scanned.model, &query, &rows);
	read_needs(NEED_LIMITS);
	assert_true(rows.at[0].has_limit || !rows.at[0].limit);
	return rows.at[0].has_limit ? strf("%ju", (uintmax_t)rows.at[0].limit) : "none";
}

static const char *find_known(char *question, const char *expected)
{
	char *types = strsep(&question, ":");
	bool everything = !strcmp(types, "everything");
	struct query query;
	struct strbuf known = { 0 };
	unsigned needs = 0;

	if (!strncmp(types, "limit ", 6))
		return limit_of(types + 6);
	if (!*types) {
		FOUND(strf("=> %s", expected));
		return expected;
	}
	for (char *word; question && (word = strsep(&question, " "));)
		needs |= *word ? need(word) : 0;
	query = hand_query(everything ? NULL : types);
	if (!scanned.used)
		scan(0);
	rows_done(&rows);
	query_rows(&scanned.model, &query, ROW_NS, &rows);
	assert_int_equal(enrich_rows(&ctx, needs, everything ? NULL : &rows), 0);
	for (size_t i = 0; i < scanned.model.nprocesses; i++)
		add_known(scanned.model.processes[i], &known);
	return strbuf_keep(&known);
}

static void take_step(const char *step)
{
	if (!strcmp(step, "scan"))
		scan(0);
	else
		STEPS(step);
}

static const struct hand_steps steps = { .take = take_step, .find = find_known };

TEST_FIXTURE(set_up, tear_down);

#define ALL_OF_5 "5 ppid 1, uid 1234 nspid 2, sleep inf"

MODEL_TEST(only_what_is_needed_is_read, "uts => ", "uts: STAT => 5 ppid 1",
	"uts: STATUS => 5 ppid 1, uid 1234 nspid 2", "uts: COMMAND => " ALL_OF_5)

MODEL_TEST(each_file_is_read_once, "uts: PROCESS => " ALL_OF_5, "=5/cmdline other",
	"=5/status Uid:\t9\t9\t9\t9\n",
	"=5/stat 5 (x) S 77 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 9 0 9 0 0\n",
	"net: PROCESS => " ALL_OF_5)

TEST(a_process_that_ended_since_leaves_its_fields_empty)
{
	scan(0);
	assert_int_equal(renameat(world.fd, "5", world.fd, "gone"), 0);
	MODEL("uts: PROCESS => 5 ?");
}

/* Process 5 is one that started after the scan had begun. */
#define START_LATE "=5/stat 5 (x) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 9999999999999 0 0\n"

/* The PID has gone to a process that is elsewhere by one type. */
TEST(a_reused_pid_in_other_namespaces_is_not_taken_for_the_process)
{
	for (enum nstype type = 0; type < NS_TYPE_COUNT; type++) {
		const char *path = strf("5/ns/%s", nstype_info[type].name);

		MODEL("scan", START_LATE, strf("%s %s", path, ref_text(type, 99)),
			strf("uts %s: PROCESS => 5 ?", nstype_info[type].name));
		world_link(path, ref_text(type, USUAL(type)));
	}
}

MODEL_TEST(broken_files_leave_their_fields_empty, "=5/stat 5 (x", "=5/status Name:\tx\n",
	"=5/cmdline ", "uts: PROCESS => 5 ?")

MODEL_TEST(one_broken_file_spoils_no_other, "=5/stat ",
	"uts: PROCESS => 5 uid 1234 nspid 2, sleep inf")

MODEL_TEST(only_the_representative_is_read_unless_members_are_needed, "6", "7",
	"uts: STAT => 5 ppid 1", "uts: MEMBERS_STAT => 5 ppid 1; 6 ppid 1; 7 ppid 1")

TEST(with_ancestry_every_parent_is_known)
{
	world_process(2, 0);
	world_process(3, 2);
	world_process(9, 5);
	world_process(4, 3);
	MODEL("8", "=5/stat 5 (x) S 4 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 9 0 0\n",
		"9/ns/uts uts:[70]",
		"uts: ANCESTRY => 2 ppid 0; 3 ppid 2; 4 ppid 3; 5 ppid 4; 8 ppid 1; 9 ppid 5");
}

TEST(ancestors_in_a_loop_are_read_once)
{
	world_process(6, 5);
	MODEL("=5/stat 5 (x) S 6 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 9 0 0\n",
		"uts: ANCESTRY => 5 ppid 6; 6 ppid 5");
}

#define LIMIT(type) "=sys/user/max_" type "_namespaces "

MODEL_TEST(limits_are_read_where_there_are_any, "scan", LIMIT("net") "15000\n",
	"limit net => 15000", LIMIT("mnt") "0\n", "limit mnt => 0", LIMIT("uts") "garbage\n",
	"limit uts => none", LIMIT("uts") "2147483647\n", "limit uts => 2147483647",
	LIMIT("uts") "1152921504606846976\n", "limit uts => none", LIMIT("ipc"),
	"limit ipc => none", "sys/user/max_pid_namespaces/", "limit pid => none",
	"limit time => none")

TEST(a_holder_without_process_needs_nothing)
{
	struct query query = { .types = 1u << NS_NET };

	STEPS("=5/mountinfo 21 20 0:4 net:[70] /a rw - nsfs nsfs rw\n");
	scan(0);
	query_rows(&scanned.model, &query, ROW_HOLDER, &rows);
	assert_int_equal(rows.n, 2);
	read_needs(~0u);
}

MODEL_TEST(zombie_is_read_from_its_remaining_files, "6/ns/user user:[55]", "6/ns/pid pid:[56]",
	"=6/stat 6 (dead) Z 5 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 1 0 0\n",
	"=6/status Uid:\t7\t7\t7\t7\n", "=6/cmdline ", "=6/comm dead\n",
	"pid: PROCESS => " ALL_OF_5 "; 6 zombie, ppid 5, uid 7 nspid 0, dead")

TEST(identity_is_read_on_request)
{
	MODEL("=5/cgroup 0::/system.slice/nginx.service\n", "uts: PROCESS => " ALL_OF_5,
		"uts: IDENTITY => " ALL_OF_5 ", nginx.service",
		"=5/cgroup 0::/other.service\n", /* it is not read again */
		"net: IDENTITY => " ALL_OF_5 ", nginx.service");
	assert_string_equal(find_process(5)->identity->cgroup, "/system.slice/nginx.service");
	assert_null(find_process(5)->identity->container);
}

/* Beyond 128 KiB nothing is read: the line of systemd comes first here. */
TEST_CALL(a_control_group_of_any_length_is_known_by_its_start,
	MODEL(strf("=5/cgroup 1:name=systemd:/system.slice/a.service\n0::/%0*d", 200 * 1024, 0),
		"uts: IDENTITY => 5 a.service"));

MODEL_TEST(identities_of_all_processes_are_read_at_once, "1", "=1/cgroup 0::/init.scope\n",
	"=5/cgroup 0::/system.slice/a.service\n",
	"everything: IDENTITY => 1 init.scope; 5 a.service")

#define CGROUP_OF_5 "1", "=5/cgroup 0::/system.slice/a.service\n", "5/ns/net net:[9]"

/* Then the namespaces of the one would be shown as those of the other. */
MODEL_TEST(a_pid_reused_by_another_container_is_not_taken_for_the_process, CGROUP_OF_5, "scan",
	START_LATE, "5/ns/net net:[10]", "everything: IDENTITY => 1 ?; 5 ?", "=> limited MOVED")

/* Its PID is its own all the time: only its namespaces have changed. */
MODEL_TEST(process_that_ran_before_the_scan_is_known_wherever_it_has_gone, CGROUP_OF_5, "scan",
	"5/ns/net net:[10]", "everything: IDENTITY => 1 ?; 5 a.service", "=> unlimited MOVED",
	"net: COMMAND => 1 ?; 5 sleep inf, a.service")

/* The main thread has neither memory nor a control group of version 1 any more. */
TEST(process_without_its_main_thread_is_read_by_the_next_one)
{
	STEPS("5 ended", "5/6", "=5/cmdline ", "=5/comm name\n", "=5/cgroup 1:name=systemd:/\n",
		"=5/task/6/cgroup 1:name=systemd:/system.slice/a.service\n",
		"=5/task/6/comm thread\n",
		"=5/task/6/stat 6 (x) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 2 0 900 0 0\n",
		"=5/task/6/status Uid:\t1\t77\t3\t4\nNSpid:\t6\t3\n");
	world_bytes("5/task/6/cmdline", "sleep\0inf\0", 10);
	MODEL("uts: PROCESS COMM IDENTITY => 5 ppid 1, uid 77 nspid 2, sleep inf, a.service");
	assert_int_equal(find_process(5)->start_ticks, 500);
}

/* Compared with it, the process would be another one. */
MODEL_TEST(a_process_of_the_host_is_known_by_none_of_its_namespaces, "1",
	"=5/cgroup 0::/system.slice/a.service\n", "scan", "!5/ns/net",
	"everything: IDENTITY => 1 ?; 5 a.service")

MODEL_TEST(without_a_cgroup_file_nothing_is_known, "uts: IDENTITY => 5 ?")

/* Process 5 holds a namespace without member; process 6 does as well, and is not read. */
MODEL_TEST(persistent_namespace_is_named_after_its_first_holder, "6", "5/fd/3 uts:[70]",
	"6/fd/3 uts:[70]", "5/ns/uts uts:[71]", "=5/cgroup 0::/a.service\n",
	"=6/cgroup 0::/b.service\n", "uts persistent: IDENTITY STATUS => 5 a.service",
	"=5/comm holder\n", "uts persistent: COMM => 5 comm holder, a.service")

#define INSIDE                                                                                     \
	"=5/net/dev heading\nlo: 0\neth0: 0\n", "=5/uid_map  0 100000 65536\n",                    \
		"=5/gid_map  0 200000 65536\n", "=5/timens_offsets monotonic 7 8\n",               \
		"5/ns/time_for_children time:[4026531805]"

MODEL_TEST(files_about_the_inside_are_read_for_rows_of_their_type_only, INSIDE, "uts: INSIDE => ",
	"net: INSIDE => 5 links 2", "user: UIDMAP => 5 links 2, 0 100000 65536",
	"user time: INSIDE => 5 links 2, 0 100000 65536, 0 200000 65536, monotonic 7 8")

MODEL_TEST(inside_of_a_namespace_is_not_read_from_a_process_that_left_it, INSIDE, "scan",
	"5/ns/net net:[77]", "net: INSIDE COMMAND => 5 sleep inf")

MODEL_TEST(offsets_of_the_namespace_of_future_children_are_not_those_of_the_process, INSIDE,
	"5/ns/time_for_children time:[77]", "time: OFFSETS => 5 ?")

TEST(the_inside_is_read_of_a_member_that_runs)
{
	STEPS("4", "=4/stat 4 (n) Z 1 1 1 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 400 0 0\n");
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (t != NS_PID && t != NS_USER)
			world_unlink(strf("4/ns/%s", nstype_info[t].name));
	MODEL(INSIDE, "user: UIDMAP => 4 zombie; 5 0 100000 65536");
}
