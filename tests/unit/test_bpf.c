// SPDX-License-Identifier: MIT
/* What the scan makes of the records of the BPF programs. */
#include "small_world.h"

#include "nsls/bpf.h"
#include "nsls/records.h"

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

static int set_up(void **state)
{
	world_set_up(state);
	memset(&records, 0, sizeof(records));
	kernel.bpf = &bpf;
	return 0;
}

static struct record_task task(__u32 pid, __u32 tid)
{
	struct record_task record = { .kind = RECORD_TASK, .pid = pid, .tid = tid };

	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		record.ino[t] = USUAL(t);
	record.pid_for_children = USUAL(NS_PID);
	record.time_for_children = USUAL(NS_TIME);
	return record;
}

static struct record_task *add_task(__u32 pid, __u32 tid)
{
	records.tasks[records.ntasks] = task(pid, tid);
	return &records.tasks[records.ntasks++];
}

/* A thread that has given up its namespaces. */
static struct record_task *add_ended(__u32 pid, __u32 tid)
{
	struct record_task *at = add_task(pid, tid);

	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		if (t != NS_USER && t != NS_PID)
			at->ino[t] = 0;
	at->pid_for_children = at->time_for_children = 0;
	at->has_ended = 1;
	return at;
}

static struct record_file *add_file(
	__u32 pid, __u32 tid, __u32 fd, enum record_holder holder, enum nstype type, __u32 ino)
{
	struct record_file *at = &records.files[records.nfiles++];

	*at = (struct record_file){
		.kind = RECORD_FILE,
		.pid = pid,
		.tid = tid,
		.fd = fd,
		.holder = holder,
		.type = type,
		.ino = ino,
		.table = 0xffff888000000000 + pid * 64ull,
	};
	return at;
}

TEST_FIXTURE(set_up, world_tear_down);

TEST(a_task_is_a_member_without_any_file_of_its_process)
{
	add_task(3, 3);
	scan(0);
	for (enum nstype t = 0; t < NS_TYPE_COUNT; t++)
		assert_holders(t, USUAL(t), "process 3");
}

TEST(the_first_thread_stands_for_the_process_whatever_its_place_in_the_list)
{
	add_task(30, 7)->ino[NS_NET] = 50;
	add_task(30, 30);
	STEPS("=> net:[4026531803] process 30", "=> net:[50] thread 30/7");
}

TEST(a_thread_remains_when_the_first_has_ended)
{
	add_ended(3, 3);
	add_task(3, 5)->ino[NS_UTS] = 50;
	STEPS("=> uts:[50] process 3/5");
}

TEST(what_has_ended_is_a_zombie_and_what_is_ending_is_exiting)
{
	add_ended(3, 3);
	add_ended(4, 4)->has_ended = 0;
	STEPS("=> pid:[4026531804] zombie 3, exiting 4", "=> !net:[4026531803]");
}

TEST(namespaces_for_children_have_holders_if_they_differ)
{
	add_task(3, 3)->pid_for_children = 50;
	add_task(3, 4)->time_for_children = 51;
	STEPS("=> pid:[50] children 3", "=> time:[51] children 3/4");
}

TEST(ring_is_a_holder_by_its_first_descriptor_in_a_table)
{
	add_task(3, 3);
	add_file(3, 3, 7, RECORD_RING, NS_UTS, 50)->ring = 90;
	add_file(3, 3, 7, RECORD_RING, NS_UTS, 51)->ring = 90;
	add_file(3, 3, 8, RECORD_RING, NS_UTS, 50)->ring = 90;
	add_file(3, 3, 9, RECORD_RING, NS_UTS, 50)->ring = 91;
	STEPS("=> uts:[50] uring 3:7, uring 3:9", "=> uts:[51] uring 3:7");
}

TEST(descriptor_is_a_holder_of_the_kind_of_its_record)
{
	static const struct {
		enum record_holder holder;
		enum nstype type;
		const char *expected;
	} cases[] = {
		{ RECORD_FD, NS_IPC, "fd 3:9" },
		{ RECORD_RING, NS_IPC, "uring 3:9" },
		{ RECORD_SOCKET, NS_NET, "socket 3:9" },
		{ RECORD_TUN, NS_NET, "tun 3:9" },
		{ RECORD_QUEUE, NS_UTS, "queue 3:9" },
		{ RECORD_PEER, NS_PID, "peer 3:9" },
		{ RECORD_PIDFD, NS_PID, "pidfd 3:9" },
		{ RECORD_CRED, NS_USER, "cred 3:9" },
		{ RECORD_SB, NS_PID, "superblock 3:9" },
		{ RECORD_OPEN, NS_NET, "file 3:9" },
		{ RECORD_TREE, NS_IPC, "tree 3:9" },
	};

	add_task(3, 3);
	for (__u32 i = 0; i < COUNT(cases); i++)
		add_file(3, 3, 9, cases[i].holder, cases[i].type, 50 + i);
	scan(0);
	for (__u32 i = 0; i < COUNT(cases); i++)
		assert_holders(cases[i].type, 50 + i, cases[i].expected);
}

static struct record_superblock *add_superblock(enum nstype type, __u32 ino, __u32 minor)
{
	struct record_superblock *at = &records.superblocks[records.nsuperblocks++];

	*at = (struct record_superblock){
		.kind = RECORD_SUPERBLOCK, .type = type, .ino = ino, .device = minor
	};
	return at;
}

TEST(a_file_system_holds_its_namespace_where_it_is_mounted)
{
	add_task(3, 3);
	add_task(4, 4)->ino[NS_USER] = 52;
	world_process(3, 1);
	world_file("3/mountinfo", "21 20 0:45 / /a rw - tmpfs tmpfs rw\n"
				  "22 20 0:46 / /b rw - proc proc rw\n"
				  "23 20 0:47 / /c rw - tmpfs tmpfs rw\n"
				  "24 20 0:48 / /d rw - tmpfs tmpfs rw\n"
				  "25 20 0:45 /x /e rw - tmpfs tmpfs rw\n");
	add_superblock(NS_USER, 52, 47);
	add_superblock(NS_PID, 51, 46);
	add_superblock(NS_USER, 50, 45);
	add_superblock(NS_USER, 53, 49);
	STEPS("=> user:[50] mount 4026531802:/a, mount 4026531802:/e",
		"=> pid:[51] mount 4026531802:/b", "=> user:[52] process 4", "=> !user:[53]",
		"=> unlimited VISITS");
}

TEST(more_file_systems_than_were_written_make_the_answer_incomplete)
{
	add_task(3, 3);
	add_superblock(NS_USER, 0, 0)->is_cut = 1;
	STEPS("=> limited VISITS");
}

TEST(what_is_no_namespace_any_more_is_left_out)
{
	add_task(3, 3);
	add_file(3, 3, 9, RECORD_FD, NS_TYPE_COUNT, 50);
	scan(0);
	for (size_t i = 0; i < scanned.model.n; i++)
		assert_int_not_equal(scanned.model.at[i]->ref.ino, 50);
}

TEST(credentials_say_nothing_new_of_a_namespace_with_a_member)
{
	add_task(3, 3);
	add_task(4, 4)->ino[NS_USER] = 50;
	add_file(3, 3, 9, RECORD_CRED, NS_USER, 50);
	STEPS("=> user:[50] process 4");
}

TEST(a_descriptor_with_more_than_was_written_makes_the_answer_incomplete)
{
	add_task(3, 3);
	add_file(3, 3, 8, RECORD_CUT, 0, 0)->ring = 90;
	add_file(3, 3, 9, RECORD_CUT, 0, 0);
	scan(0);
	assert_int_equal(scanned.report.limitations, LIMITATION_RING_UNREAD | LIMITATION_VISITS);
	assert_true(find_process(3)->unreadable);
	FOUND("=> incomplete");
}

TEST(a_socket_in_the_namespace_of_its_process_is_no_holder)
{
	add_task(3, 3);
	add_file(3, 3, 9, RECORD_SOCKET, NS_NET, USUAL(NS_NET));
	STEPS("=> net:[4026531803] process 3");
}

TEST(threads_that_share_a_table_have_its_descriptors_once)
{
	add_ended(3, 3);
	add_task(3, 5);
	add_task(3, 6);
	add_task(3, 7);
	add_file(3, 5, 9, RECORD_FD, NS_UTS, 50);
	add_file(3, 6, 9, RECORD_FD, NS_UTS, 50);
	add_file(3, 7, 9, RECORD_FD, NS_UTS, 50)->table += 4096;
	STEPS("=> uts:[50] fd 3/5:9, fd 3/7:9");
}

TEST(tasks_are_read_again_if_only_the_descriptors_show_a_process)
{
	add_task(3, 3);
	add_task(3, 5)->ino[NS_UTS] = 51; /* listed twice */
	records.later[records.nlater++] = task(4, 4);
	add_file(4, 4, 9, RECORD_FD, NS_UTS, 50);
	scan(0);
	assert_int_equal(records.reads[BPF_TASKS], 2);
	FOUND("=> uts:[50] fd 4:9", "=> uts:[51] thread 3/5",
		"=> uts:[4026531807] process 3, process 4");
}

static void add_ns(struct record_ns record)
{
	record.kind = RECORD_NS;
	records.namespaces[records.nnamespaces++] = record;
}

TEST(relations_come_from_the_records_of_namespaces_that_exist)
{
	const struct ns *ns;

	add_ns((struct record_ns){ .type = NS_PID, .ino = 50, .owner = 60, .parent = 49, .id = 7 });
	add_ns((struct record_ns){ .type = NS_USER, .ino = 60, .owner = 59, .owner_uid = 1000 });
	add_ns((struct record_ns){ .type = NS_USER, .ino = 70, .owner = 59 });
	add_ns((struct record_ns){ .type = NS_NET, .ino = 51, .owner = 60, .id = 8 });
	add_task(3, 3)->ino[NS_PID] = 50;
	add_file(3, 3, 8, RECORD_SOCKET, NS_NET, 51); /* no path leads to its namespace */
	scan(0);
	ns = find_ns(NS_PID, 50);
	assert_int_equal(ns->id, 7);
	assert_int_equal(ns->owner->ref.ino, 60);
	assert_int_equal(ns->parent->ref.ino, 49);
	assert_int_equal(ns->owner->owner_uid, 1000);
	assert_int_equal(ns->owner->parent->ref.ino, 59);
	FOUND("=> !user:[70]");
	ns = find_ns(NS_NET, 51);
	assert_int_equal(ns->id, 8);
	assert_int_equal(ns->owner->ref.ino, 60);
}

TEST(sources_that_are_not_wanted_are_left_out)
{
	add_task(3, 3);
	add_task(3, 4)->ino[NS_UTS] = 49;
	add_file(3, 3, 9, RECORD_FD, NS_UTS, 50);
	add_file(3, 3, 8, RECORD_SOCKET, NS_NET, 51);
	STEPS("without threads,fds,sockets", "=> !uts:[49]", "=> !uts:[50]", "=> !net:[51]");
	assert_int_equal(records.reads[BPF_DESCRIPTORS], 0);
}

TEST(too_many_descriptors_make_the_answer_incomplete)
{
	kernel.descriptors_max = 1;
	add_task(3, 3);
	add_file(3, 3, 8, RECORD_FD, NS_UTS, 50);
	add_file(3, 3, 9, RECORD_FD, NS_UTS, 51);
	add_task(4, 4);
	add_file(4, 4, 9, RECORD_FD, NS_UTS, 51);
	STEPS("=> limited DESCRIPTORS");
	assert_int_equal(scanned.report.crowded.n, 2);
	assert_true(find_process(3)->unreadable);
	assert_true(find_process(4)->unreadable);
	assert_non_null(find_ns(NS_UTS, 50));
	FOUND("=> !uts:[51]");
}

TEST(an_error_of_the_iterator_is_an_error_of_the_scan)
{
	records.error = -E2BIG;
	assert_int_equal(try_scan(0), -E2BIG);
}
