// SPDX-License-Identifier: MIT
/*
 * What the scan makes of the records of the BPF programs. They are steps, too:
 *
 *	task 3/5 uts:[50] pid_for_children=50   a thread, in usual namespaces but for that
 *	task 3 ended                            it has given up its namespaces; also exiting
 *	file 3/5:9 uring uts:[50] ring=90       a descriptor that holds a namespace
 *	ns pid:[50] owner=60 parent=49 id=7 uid=0
 *	superblock user:[50] 45                 a file system on device 0:45
 */
#include "small_world.h"

#include "nsls/bpf.h"

#define RECORDS_MAX 16

/* The records of both lists. Those of later reads of the tasks follow in later. */
static struct {
	struct record_task tasks[RECORDS_MAX], later[RECORDS_MAX];
	struct record_file files[RECORDS_MAX];
	struct record_ns namespaces[RECORDS_MAX];
	struct record_superblock superblocks[RECORDS_MAX];
	size_t ntasks, nlater, nfiles, nnamespaces, nsuperblocks;
	int reads[2];
	int error;
} records;

#define EACH(list, n) each(data, (list), (n) * sizeof(*(list)))

static int fake_read(const struct bpf *bpf, enum bpf_list list,
	int (*each)(void *data, const void *records, size_t size), void *data)
{
	bool again = records.reads[list]++ > 0;
	int r = records.error;

	if (r == 0 && !again)
		r = EACH(records.namespaces, records.nnamespaces);
	if (r == 0 && list == BPF_DESCRIPTORS)
		return EACH(records.files, records.nfiles);
	if (r == 0)
		r = EACH(records.tasks, records.ntasks);
	if (r == 0 && again)
		r = EACH(records.later, records.nlater);
	return r == 0 ? EACH(records.superblocks, records.nsuperblocks) : r;
}

static struct bpf bpf = { .read = fake_read };

static void take_ns(char **words, __u32 *ret_type, __u32 *ret_ino)
{
	struct ns_ref ref;

	if (!*words || nstype_parse(strf("%.*s", (int)strcspn(*words, " "), *words), &ref) < 0)
		return;
	strsep(words, " ");
	*ret_type = ref.type;
	*ret_ino = ref.ino;
}

/* "3" or "3/5" */
static void take_tid(const char *word, __u32 *ret_pid, __u32 *ret_tid)
{
	if (sscanf(word, "%u/%u", ret_pid, ret_tid) == 1)
		*ret_tid = *ret_pid;
}

static struct record_task make_task(char *words)
{
	struct record_task task = { .kind = RECORD_TASK };
	__u32 type = NS_TYPE_COUNT, ino;

	take_tid(strsep(&words, " "), &task.pid, &task.tid);
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		task.ino[t] = USUAL(t);
	task.pid_for_children = USUAL(NS_PID);
	task.time_for_children = USUAL(NS_TIME);
	take_ns(&words, &type, &ino);
	if (type != NS_TYPE_COUNT)
		task.ino[type] = ino;
	if (!words || sscanf(words, "pid_for_children=%u", &task.pid_for_children) == 1 ||
		sscanf(words, "time_for_children=%u", &task.time_for_children) == 1)
		return task;
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (t != NS_USER && t != NS_PID)
			task.ino[t] = 0;
	task.pid_for_children = task.time_for_children = 0;
	task.has_ended = !strcmp(words, "ended");
	return task;
}

static struct record_file make_file(char *words)
{
	static const char *const holders[] = { [RECORD_FD] = "fd",
		[RECORD_SOCKET] = "socket",
		[RECORD_TUN] = "tun",
		[RECORD_RING] = "uring",
		[RECORD_QUEUE] = "queue",
		[RECORD_PEER] = "peer",
		[RECORD_PIDFD] = "pidfd",
		[RECORD_CRED] = "cred",
		[RECORD_SB] = "superblock",
		[RECORD_OPEN] = "file",
		[RECORD_TREE] = "tree",
		[RECORD_DETACHED] = "detached",
		[RECORD_CUT] = "cut" };
	struct record_file file = { .kind = RECORD_FILE };
	char *thread = strsep(&words, " "), *holder = strsep(&words, " ");

	take_tid(thread, &file.pid, &file.tid);
	file.fd = (__u32)atoi(strchr(thread, ':') + 1);
	file.table = 0xffff888000000000 + file.pid * 64ull;
	while (strcmp(holders[file.holder], holder) != 0)
		file.holder++;
	take_ns(&words, &file.type, &file.ino);
	if (words)
		assert_int_equal(sscanf(words, "ring=%u", &file.ring), 1);
	return file;
}

static bool add_record(const char *item)
{
	char *words = strf("%s", item), *what = strsep(&words, " ");
	struct record_superblock superblock = { .kind = RECORD_SUPERBLOCK };
	struct record_ns ns = { .kind = RECORD_NS };

	if (!strcmp(what, "task")) {
		records.tasks[records.ntasks++] = make_task(words);
	} else if (!strcmp(what, "file")) {
		records.files[records.nfiles++] = make_file(words);
	} else if (!strcmp(what, "superblock")) {
		take_ns(&words, &superblock.type, &superblock.ino);
		superblock.device = (__u32)atoi(words);
		records.superblocks[records.nsuperblocks++] = superblock;
	} else if (!strcmp(what, "ns")) {
		take_ns(&words, &ns.type, &ns.ino);
		for (char *word; (word = strsep(&words, " "));)
			assert_int_equal(sscanf(word, "owner=%u", &ns.owner) +
						 sscanf(word, "parent=%u", &ns.parent) +
						 sscanf(word, "uid=%u", &ns.owner_uid) +
						 sscanf(word, "id=%llu", &ns.id),
				1);
		records.namespaces[records.nnamespaces++] = ns;
	} else {
		return false;
	}
	return true;
}

static int set_up(void **state)
{
	world_set_up(state);
	memset(&records, 0, sizeof(records));
	kernel.bpf = &bpf;
	kernel.add_item = add_record;
	return 0;
}

TEST_FIXTURE(set_up, world_tear_down);

TEST(a_task_is_a_member_without_any_file_of_its_process)
{
	STEPS("task 3", "=> net:[4026531803] process 3");
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		assert_holders(t, USUAL(t), "process 3");
}

TEST_CALL(the_first_thread_stands_for_the_process_whatever_its_place_in_the_list,
	STEPS("task 30/7 net:[50]", "task 30", "=> net:[4026531803] process 30",
		"=> net:[50] thread 30/7"));

TEST_CALL(a_thread_remains_when_the_first_has_ended,
	STEPS("task 3 ended", "task 3/5 uts:[50]", "=> uts:[50] process 3/5"));

TEST_CALL(what_has_ended_is_a_zombie_and_what_is_ending_is_exiting,
	STEPS("task 3 ended", "task 4 exiting", "=> pid:[4026531804] zombie 3, exiting 4",
		"=> !net:[4026531803]"));

TEST_CALL(namespaces_for_children_have_holders_if_they_differ,
	STEPS("task 3 pid_for_children=50", "task 3/4 time_for_children=51",
		"=> pid:[50] children 3", "=> time:[51] children 3/4"));

TEST_CALL(ring_is_a_holder_by_its_first_descriptor_in_a_table,
	STEPS("task 3", "file 3:7 uring uts:[50] ring=90", "file 3:7 uring uts:[51] ring=90",
		"file 3:8 uring uts:[50] ring=90", "file 3:9 uring uts:[50] ring=91",
		"=> uts:[50] uring 3:7, uring 3:9", "=> uts:[51] uring 3:7"));

TEST(descriptor_is_a_holder_of_the_kind_of_its_record)
{
	static const char *const holders[] = { "fd ipc", "uring ipc", "socket net", "tun net",
		"queue uts", "peer pid", "pidfd pid", "cred user", "superblock pid", "file net",
		"tree ipc" };

	STEPS("task 3");
	for (unsigned i = 0; i < COUNT(holders); i++)
		STEPS(strf("file 3:9 %s:[%u]", holders[i], 50 + i));
	scan(0);
	for (unsigned i = 0; i < COUNT(holders); i++)
		FOUND(strf("=> %s:[%u] %.*s 3:9", strchr(holders[i], ' ') + 1, 50 + i,
			(int)strcspn(holders[i], " "), holders[i]));
}

TEST_CALL(a_file_system_holds_its_namespace_where_it_is_mounted,
	STEPS("task 3", "task 4 user:[52]", "3",
		"=3/mountinfo 21 20 0:45 / /a rw - tmpfs tmpfs rw\n"
		"22 20 0:46 / /b rw - proc proc rw\n"
		"23 20 0:47 / /c rw - tmpfs tmpfs rw\n"
		"24 20 0:48 / /d rw - tmpfs tmpfs rw\n"
		"25 20 0:45 /x /e rw - tmpfs tmpfs rw\n",
		"superblock user:[52] 47", "superblock pid:[51] 46", "superblock user:[50] 45",
		"superblock user:[53] 49", "=> user:[50] mount 4026531802:/a, mount 4026531802:/e",
		"=> pid:[51] mount 4026531802:/b", "=> user:[52] process 4", "=> !user:[53]",
		"=> unlimited VISITS"));

TEST(more_file_systems_than_were_written_make_the_answer_incomplete)
{
	STEPS("task 3", "superblock 0");
	records.superblocks[0].is_cut = 1;
	STEPS("=> limited VISITS");
}

TEST(what_is_no_namespace_any_more_is_left_out)
{
	STEPS("task 3", "file 3:9 fd uts:[50]");
	records.files[0].type = NS_TYPE_COUNT;
	scan(0);
	for (size_t i = 0; i < scanned.model.n; i++)
		assert_int_not_equal(scanned.model.at[i]->ref.ino, 50);
}

TEST_CALL(credentials_say_nothing_new_of_a_namespace_with_a_member,
	STEPS("task 3", "task 4 user:[50]", "file 3:9 cred user:[50]", "=> user:[50] process 4"));

TEST_CALL(a_descriptor_with_more_than_was_written_makes_the_answer_incomplete,
	STEPS("task 3", "file 3:8 cut ring=90", "file 3:9 cut", "=> incomplete",
		"=> limitations RING_UNREAD VISITS", "=> unreadable 3"));

TEST_CALL(a_socket_in_the_namespace_of_its_process_is_no_holder,
	STEPS("task 3", "file 3:9 socket net:[4026531803]", "=> net:[4026531803] process 3"));

TEST(threads_that_share_a_table_have_its_descriptors_once)
{
	STEPS("task 3 ended", "task 3/5", "task 3/6", "task 3/7", "file 3/5:9 fd uts:[50]",
		"file 3/6:9 fd uts:[50]", "file 3/7:9 fd uts:[50]");
	records.files[2].table += 4096;
	STEPS("=> uts:[50] fd 3/5:9, fd 3/7:9");
}

TEST(tasks_are_read_again_if_only_the_descriptors_show_a_process)
{
	records.later[records.nlater++] = make_task(strf("4"));
	STEPS("task 3", "task 3/5 uts:[51]", /* listed twice */
		"file 4:9 fd uts:[50]", "=> uts:[50] fd 4:9", "=> uts:[51] thread 3/5",
		"=> uts:[4026531807] process 3, process 4");
	assert_int_equal(records.reads[BPF_TASKS], 2);
}

TEST(relations_come_from_the_records_of_namespaces_that_exist)
{
	const struct ns *ns;

	STEPS("ns pid:[50] owner=60 parent=49 id=7", "ns user:[60] owner=59 uid=1000",
		"ns user:[70] owner=59", "ns net:[51] owner=60 id=8", "task 3 pid:[50]",
		"file 3:8 socket net:[51]", /* no path leads to its namespace */
		"=> !user:[70]");
	ns = find_ns(NS_PID, 50);
	assert_int_equal(ns->id, 7);
	assert_int_equal(ns->owner->ref.ino, 60);
	assert_int_equal(ns->parent->ref.ino, 49);
	assert_int_equal(ns->owner->owner_uid, 1000);
	assert_int_equal(ns->owner->parent->ref.ino, 59);
	ns = find_ns(NS_NET, 51);
	assert_int_equal(ns->id, 8);
	assert_int_equal(ns->owner->ref.ino, 60);
}

TEST(sources_that_are_not_wanted_are_left_out)
{
	STEPS("task 3", "task 3/4 uts:[49]", "file 3:9 fd uts:[50]", "file 3:8 socket net:[51]",
		"without threads,fds,sockets", "=> !uts:[49]", "=> !uts:[50]", "=> !net:[51]");
	assert_int_equal(records.reads[BPF_DESCRIPTORS], 0);
}

TEST(too_many_descriptors_make_the_answer_incomplete)
{
	STEPS("descriptors_max=1", "task 3", "file 3:8 fd uts:[50]", "file 3:9 fd uts:[51]",
		"task 4", "file 4:9 fd uts:[51]", "=> limited DESCRIPTORS", "=> !uts:[51]");
	assert_int_equal(scanned.report.crowded.n, 2);
	FOUND("=> unreadable 3", "=> unreadable 4", "=> uts:[50].nholders 1");
}

TEST(an_error_of_the_iterator_is_an_error_of_the_scan)
{
	records.error = -E2BIG;
	assert_int_equal(try_scan(0), -E2BIG);
}
