// SPDX-License-Identifier: MIT
/*
 * What the scan makes of the records of the BPF programs. They are steps, too:
 *
 *	task 3/5 uts:[50] pid_for_children=50   a thread, in usual namespaces but for that
 *	task 3 ended                            it has given up its namespaces; also exiting
 *	later 4                                 a thread that the first list of tasks lacks
 *	file 3/5:9 uring uts:[50] ring=90       a descriptor that holds a namespace; type=, table=
 *	ns pid:[50] owner=60 parent=49 id=7 uid=0
 *	superblock user:[50] 45                 a file system on device 0:45; "cut": there are more
 */
#include "small_world.h"

#include "nsls/bpf.h"

#define RECORDS_MAX 16

/* The records of both lists. */
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

/* The number behind the key, such as " owner=", or another one. */
static unsigned number_of(const char *item, const char *key, unsigned otherwise)
{
	const char *at = strstr(item, key);

	return at ? (unsigned)strtoul(at + strlen(key), NULL, 10) : otherwise;
}

static struct record_task make_task(const char *item, struct ns_ref ref)
{
	bool ended = strstr(item, " ended"), leaves = ended || strstr(item, " exiting");
	struct record_task task = { .kind = RECORD_TASK, .has_ended = ended };

	if (sscanf(item, "%*s %u/%u", &task.pid, &task.tid) == 1)
		task.tid = task.pid;
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		task.ino[t] = leaves && t != NS_USER && t != NS_PID ? 0 : USUAL(t);
	if (ref.ino)
		task.ino[ref.type] = ref.ino;
	if (!leaves) {
		task.pid_for_children = number_of(item, " pid_for_children=", USUAL(NS_PID));
		task.time_for_children = number_of(item, " time_for_children=", USUAL(NS_TIME));
	}
	return task;
}

static struct record_file make_file(const char *item, struct ns_ref ref)
{
	/* Of enum record_holder, in its order. */
	static const char *const holders[] = { "fd", "socket", "tun", "uring", "queue", "peer",
		"pidfd", "cred", "superblock", "file", "tree", "detached", "cut" };
	struct record_file file = { .kind = RECORD_FILE, .ino = ref.ino };
	char holder[16];

	if (sscanf(item, "file %u/%u:%u %15s", &file.pid, &file.tid, &file.fd, holder) < 4) {
		assert_int_equal(sscanf(item, "file %u:%u %15s", &file.pid, &file.fd, holder), 3);
		file.tid = file.pid;
	}
	file.type = number_of(item, " type=", ref.type);
	file.ring = number_of(item, " ring=", 0);
	file.table = 0xffff888000000000 + number_of(item, " table=", file.pid) * 64ull;
	while (strcmp(holders[file.holder], holder) != 0)
		file.holder++;
	return file;
}

static struct record_superblock make_superblock(const char *item, struct ns_ref ref)
{
	struct record_superblock superblock = { .kind = RECORD_SUPERBLOCK,
		.type = ref.type,
		.ino = ref.ino,
		.is_cut = strstr(item, " cut") != NULL };

	sscanf(item, "%*s %*s %u", &superblock.device);
	return superblock;
}

static struct record_ns make_ns(const char *item, struct ns_ref ref)
{
	return (struct record_ns){ .kind = RECORD_NS,
		.type = ref.type,
		.ino = ref.ino,
		.owner = number_of(item, " owner=", 0),
		.parent = number_of(item, " parent=", 0),
		.owner_uid = number_of(item, " uid=", 0),
		.id = number_of(item, " id=", 0) };
}

static bool add_record(const char *item)
{
	struct ns_ref ref = { 0 };

	for (EACH_WORD(word, item, " "))
		nstype_parse(word, &ref);
	if (!strncmp(item, "task ", 5))
		records.tasks[records.ntasks++] = make_task(item, ref);
	else if (!strncmp(item, "later ", 6))
		records.later[records.nlater++] = make_task(item, ref);
	else if (!strncmp(item, "file ", 5))
		records.files[records.nfiles++] = make_file(item, ref);
	else if (!strncmp(item, "superblock ", 11))
		records.superblocks[records.nsuperblocks++] = make_superblock(item, ref);
	else if (!strncmp(item, "ns ", 3))
		records.namespaces[records.nnamespaces++] = make_ns(item, ref);
	else
		return false;
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
		FOUND(strf("=> %s process 3", ref_text(t, USUAL(t))));
}

STEPS_TEST(the_first_thread_stands_for_the_process_whatever_its_place_in_the_list,
	"task 30/7 net:[50]", "task 30", "=> net:[4026531803] process 30",
	"=> net:[50] thread 30/7");

STEPS_TEST(a_thread_remains_when_the_first_has_ended, "task 3 ended", "task 3/5 uts:[50]",
	"=> uts:[50] process 3/5");

STEPS_TEST(what_has_ended_is_a_zombie_and_what_is_ending_is_exiting, "task 3 ended",
	"task 4 exiting", "=> pid:[4026531804] zombie 3, exiting 4", "=> !net:[4026531803]");

STEPS_TEST(namespaces_for_children_have_holders_if_they_differ, "task 3 pid_for_children=50",
	"task 3/4 time_for_children=51", "=> pid:[50] children 3", "=> time:[51] children 3/4");

STEPS_TEST(ring_is_a_holder_by_its_first_descriptor_in_a_table, "task 3",
	"file 3:7 uring uts:[50] ring=90", "file 3:7 uring uts:[51] ring=90",
	"file 3:8 uring uts:[50] ring=90", "file 3:9 uring uts:[50] ring=91",
	"=> uts:[50] uring 3:7, uring 3:9", "=> uts:[51] uring 3:7");

STEPS_TEST(descriptor_is_a_holder_of_the_kind_of_its_record, "task 3", "file 3:9 fd ipc:[50]",
	"=> ipc:[50] fd 3:9", "file 3:9 uring ipc:[51]", "=> ipc:[51] uring 3:9",
	"file 3:9 socket net:[52]", "=> net:[52] socket 3:9", "file 3:9 tun net:[53]",
	"=> net:[53] tun 3:9", "file 3:9 queue uts:[54]", "=> uts:[54] queue 3:9",
	"file 3:9 peer pid:[55]", "=> pid:[55] peer 3:9", "file 3:9 pidfd pid:[56]",
	"=> pid:[56] pidfd 3:9", "file 3:9 cred user:[57]", "=> user:[57] cred 3:9",
	"file 3:9 superblock pid:[58]", "=> pid:[58] superblock 3:9", "file 3:9 file net:[59]",
	"=> net:[59] file 3:9", "file 3:9 tree ipc:[60]", "=> ipc:[60] tree 3:9");

STEPS_TEST(a_file_system_holds_its_namespace_where_it_is_mounted, "task 3", "task 4 user:[52]", "3",
	"=3/mountinfo 21 20 0:45 / /a rw - tmpfs tmpfs rw\n"
	"22 20 0:46 / /b rw - proc proc rw\n"
	"23 20 0:47 / /c rw - tmpfs tmpfs rw\n"
	"24 20 0:48 / /d rw - tmpfs tmpfs rw\n"
	"25 20 0:45 /x /e rw - tmpfs tmpfs rw\n",
	"superblock user:[52] 47", "superblock pid:[51] 46", "superblock user:[50] 45",
	"superblock user:[53] 49", "=> user:[50] mount 4026531802:/a, mount 4026531802:/e",
	"=> pid:[51] mount 4026531802:/b", "=> user:[52] process 4", "=> !user:[53]",
	"=> unlimited VISITS");

STEPS_TEST(more_file_systems_than_were_written_make_the_answer_incomplete, "task 3",
	"superblock cut", "=> limited VISITS");

STEPS_TEST(what_is_no_namespace_any_more_is_left_out, "task 3", "file 3:9 fd uts:[50] type=8",
	"=> namespaces 8");

STEPS_TEST(credentials_say_nothing_new_of_a_namespace_with_a_member, "task 3", "task 4 user:[50]",
	"file 3:9 cred user:[50]", "=> user:[50] process 4");

STEPS_TEST(a_descriptor_with_more_than_was_written_makes_the_answer_incomplete, "task 3",
	"file 3:8 cut ring=90", "file 3:9 cut", "=> incomplete",
	"=> limitations RING_UNREAD VISITS", "=> unreadable 3");

STEPS_TEST(a_socket_in_the_namespace_of_its_process_is_no_holder, "task 3",
	"file 3:9 socket net:[4026531803]", "=> net:[4026531803] process 3");

STEPS_TEST(threads_that_share_a_table_have_its_descriptors_once, "task 3 ended", "task 3/5",
	"task 3/6", "task 3/7", "file 3/5:9 fd uts:[50]", "file 3/6:9 fd uts:[50]",
	"file 3/7:9 fd uts:[50] table=67", "=> uts:[50] fd 3/5:9, fd 3/7:9");

TEST(tasks_are_read_again_if_only_the_descriptors_show_a_process)
{
	STEPS("later 4", "task 3", "task 3/5 uts:[51]", /* listed twice */
		"file 4:9 fd uts:[50]", "=> uts:[50] fd 4:9", "=> uts:[51] thread 3/5",
		"=> uts:[4026531807] process 3, process 4");
	assert_int_equal(records.reads[BPF_TASKS], 2);
}

STEPS_TEST(relations_come_from_the_records_of_namespaces_that_exist,
	"ns pid:[50] owner=60 parent=49 id=7", "ns user:[60] owner=59 uid=1000",
	"ns user:[70] owner=59", "ns net:[51] owner=60 id=8", "task 3 pid:[50]",
	"file 3:8 socket net:[51]", /* no path leads to its namespace */
	"=> !user:[70]", "=> pid:[50].id 7", "=> pid:[50].owner 60", "=> pid:[50].parent 49",
	"=> user:[60].owner_uid 1000", "=> user:[60].parent 59", "=> net:[51].id 8",
	"=> net:[51].owner 60");

TEST(sources_that_are_not_wanted_are_left_out)
{
	STEPS("task 3", "task 3/4 uts:[49]", "file 3:9 fd uts:[50]", "file 3:8 socket net:[51]",
		"without threads,fds,sockets", "=> !uts:[49]", "=> !uts:[50]", "=> !net:[51]");
	assert_int_equal(records.reads[BPF_DESCRIPTORS], 0);
}

STEPS_TEST(too_many_descriptors_make_the_answer_incomplete, "descriptors_max=1", "task 3",
	"file 3:8 fd uts:[50]", "file 3:9 fd uts:[51]", "task 4", "file 4:9 fd uts:[51]",
	"=> limited DESCRIPTORS", "=> !uts:[51]", "=> report.crowded.n 2", "=> unreadable 3",
	"=> unreadable 4", "=> uts:[50].nholders 1");

TEST(an_error_of_the_iterator_is_an_error_of_the_scan)
{
	records.error = -E2BIG;
	assert_int_equal(try_scan(0), -E2BIG);
}
