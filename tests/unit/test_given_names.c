// SPDX-License-Identifier: MIT
/*
 * Names that users gave containers and pods, and those that other users could have forged. Besides
 * those of small_world.h, which do not scan here, steps are:
 *
 *	5 /docker/ID            a process of root in that control group
 *	5<4 /docker/ID          with another parent than 1
 *	arguments 4 sh -c x     of a process
 *	conmon 4 / ID web       a process with the arguments of a conmon of that container
 *	uid 1000 4              the process is that user's
 *	uid 1000 var/lib        the file is; those of this test are root's
 *	=var/lib/x TEXT         a file of root
 *	mv var data             renames a file
 *	foreign                 the processes are of another system
 *	5 => docker web         the name of a process then
 */
#include "hand_model.h"

#include <pwd.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>

#define DOCKER "/system.slice/docker-" ID_A ".scope"
#define CONFIG "var/lib/docker/containers/" ID_A "/config.v2.json"
#define HOME_CONFIG "home/alice/.local/share/docker/containers/" ID_A "/config.v2.json"
#define BUNDLE "run/containerd/io.containerd.runtime.v2.task/k8s.io/" ID_A "/config.json"
#define POD_SLICE "/kubepods.slice/kubepods-pod" POD ".slice"

static const char *root;
static char home[] = "/home/alice";
static atomic_bool users_block; /* as where a directory of users does not respond */
static sem_t unblocked;

/* All homes are the same. */
int getpwuid_r(
	uid_t uid, struct passwd *resultbuf, char *buffer, size_t buflen, struct passwd **result)
{
	while (users_block && sem_wait(&unblocked) < 0)
		;
	*resultbuf = (struct passwd){ .pw_uid = uid, .pw_dir = home };
	*result = resultbuf;
	return 0;
}

static int set_up(void **state)
{
	world_set_up(state);
	root = world.dir;
	return 0;
}

TEST_FIXTURE(set_up, world_tear_down);

static void need_files(void)
{
#ifndef HAVE_JSON_C
	test_skip("built without json-c");
#endif
	if (getuid() != 0)
		test_skip("needs root, as the owner of files");
}

static void set_uid(uid_t uid, const char *of)
{
	if (atoi(of) == 0)
		assert_int_equal(fchownat(world.fd, of, uid, (gid_t)-1, 0), 0);
	else
		world_file(strf("%s/status", of),
			strf("Uid:\t%u\t%u\t%u\t%u\nNSpid:\t1\n", uid, uid, uid, uid));
}

static void add_process(pid_t pid, pid_t ppid, const char *cgroup)
{
	world_process(pid, ppid);
	world_file(strf("%d/cgroup", pid), strf("0::%s\n", cgroup));
	set_uid(0, strf("%d", pid));
}

static void read_names(void)
{
	static const struct enrich_ctx ctx = { &scanned.procfs, &scanned.pool, &scanned.model,
		&scanned.report };

	assert_int_equal(enrich_rows(&ctx, NEED_IDENTITY, NULL), 0);
	assert_int_equal(enrich_given_names(&ctx, root), 0);
}

static const char *known_name(pid_t pid)
{
	return find_process(pid)->identity->name;
}

static void set_arguments(pid_t pid, const char *words)
{
	char *arguments = strf("%s", words), *end = arguments + strlen(arguments);

	for (char *rest = arguments; rest; strsep(&rest, " "))
		continue;
	world_bytes(strf("%d/cmdline", pid), arguments, (size_t)(end - arguments) + 1);
}

static void take_step(const char *step)
{
	char word[256], id[65];
	int pid, ppid = 1, at = 0;

	if (!strcmp(step, "foreign")) {
		root = NULL;
	} else if (sscanf(step, "=%255s%n", word, &at) == 1) {
		need_files();
		STEPS(step);
		assert_int_equal(fchmodat(world.fd, word, 0600, 0), 0);
	} else if (sscanf(step, "mv %255s %n", word, &at) == 1) {
		assert_int_equal(renameat(world.fd, word, world.fd, step + at), 0);
	} else if (sscanf(step, "uid %d %n", &pid, &at) == 1) {
		set_uid((uid_t)pid, step + at);
	} else if (sscanf(step, "arguments %d %n", &pid, &at) == 1) {
		set_arguments(pid, step + at);
	} else if (sscanf(step, "conmon %d %255s %64s %n", &pid, word, id, &at) == 3) {
		add_process(pid, 1, word);
		set_arguments(pid, strf("/usr/bin/conmon --api-version 1 -c %s -n %s --exit-dir /x",
					   id, step + at));
	} else if (sscanf(step, "%d<%d %n", &pid, &ppid, &at) == 2 ||
		   sscanf(step, "%d %n", &pid, &at) == 1) {
		add_process(pid, ppid, step + at);
	} else {
		STEPS(step);
	}
}

static const char *find_name(char *pid, const char *expected)
{
	scan(0);
	read_names();
	return known_name(atoi(pid));
}

static const struct hand_steps steps = { .take = take_step, .find = find_name };

#define PODMAN "/machine.slice/libpod-" ID_A ".scope/container"
#define CONMON "/machine.slice/libpod-conmon-" ID_A ".scope"
#define WEB "{\"Name\":\"/web\"}"

/* What they are called without a name that a user gave. */
#define UNNAMED_DOCKER "docker 84b8394540fb"
#define UNNAMED_PODMAN "podman 84b8394540fb"
#define UNNAMED_POD "kubernetes 84b8394540fb"

TEST(docker_container_has_the_name_in_its_file)
{
	MODEL("5 " DOCKER, "6<5 " DOCKER, "7 /system.slice/docker-" ID_B ".scope",
		"=" CONFIG " {\"ID\":\"x\",\"Name\":\"/web\",\"State\":{}}", "5 => docker web",
		"6 => docker web", "7 => docker d1d5e64ac8d9");
	assert_string_equal(find_process(6)->identity->id_name, UNNAMED_DOCKER);
}

MODEL_TEST(files_of_another_system_are_not_read, "5 " DOCKER, "=" CONFIG " " WEB, "foreign",
	"5 => " UNNAMED_DOCKER)

/* A user that can write to a file or replace a directory could give a container any name. */
TEST(file_that_others_could_have_written_is_ignored)
{
	MODEL("5 " DOCKER, "=" CONFIG " " WEB);
	for (EACH_TEXT(part, CONFIG, "var/lib/docker/containers/" ID_A, "var/lib/docker/containers",
		     "var/lib/docker", "var/lib", "var", ".")) {
		struct stat st;

		assert_int_equal(fstatat(world.fd, part, &st, 0), 0);
		MODEL(strf("uid 1000 %s", part), "5 => " UNNAMED_DOCKER, strf("uid 0 %s", part));
		assert_int_equal(fchmodat(world.fd, part, 0775, 0), 0);
		MODEL("5 => " UNNAMED_DOCKER);
		assert_int_equal(fchmodat(world.fd, part, 0757, 0), 0);
		MODEL("5 => " UNNAMED_DOCKER);
		assert_int_equal(fchmodat(world.fd, part, st.st_mode & 07777, 0), 0);
	}
	MODEL("5 => docker web");
}

MODEL_TEST(link_to_a_file_or_on_the_way_is_ignored, "5 " DOCKER, "=" CONFIG " " WEB, "mv var data",
	"var data", "5 => " UNNAMED_DOCKER, "!var", "mv data var", "5 => docker web",
	"mv " CONFIG " config", CONFIG " ../../../../../config", "5 => " UNNAMED_DOCKER)

MODEL_TEST(file_of_another_type_is_not_opened, "5 " DOCKER, "=" CONFIG " ", "!" CONFIG, "|" CONFIG,
	"5 => " UNNAMED_DOCKER, "!" CONFIG, CONFIG "/", "5 => " UNNAMED_DOCKER)

TEST(file_without_a_valid_name_is_ignored)
{
	MODEL("5 " DOCKER);
	for (EACH_TEXT(text, "", "{", "[]", "null", "\"Name\"", "{\"Name\":7}",
		     "{\"Name\":[\"/web\"]}", "{\"Name\":\"\"}", "{\"Name\":\"/\"}",
		     "{\"Name\":\"/a b\"}", "{\"Name\":\"/a/b\"}", "{\"Name\":\"/\\u001b[2J\"}",
		     "{\"Name\":\"/web\\u0000\"}", "{\"Name\":\"/-web\"}",
		     "{\"Name\":\"/w\xc3\xa9\"}", "{\"Name\":\"/web\n\"}", "\xff\xfe",
		     "{\"name\":\"/web\"}"))
		MODEL(strf("=%s %s", CONFIG, text), "5 => " UNNAMED_DOCKER);
	MODEL(strf("=%s {\"Name\":\"/%0*d\"}", CONFIG, 256, 0), "5 => " UNNAMED_DOCKER,
		strf("=%s {\"Name\":\"/%0*d\"}", CONFIG, 255, 0));
	assert_contains(find_name(strf("5"), NULL), "docker 000");
}

/* A step that makes a file of so many blanks, which names a container. */
static const char *long_file(const char *path, int blanks)
{
	return strf("=%s {\"Name\":\"/web\",%*s\"x\":1}", path, blanks, "");
}

MODEL_TEST(huge_file_is_ignored, "5 " DOCKER, long_file(CONFIG, 3 * 1024 * 1024), "5 => docker web",
	long_file(CONFIG, 4 * 1024 * 1024), "5 => " UNNAMED_DOCKER)

MODEL_TEST(docker_may_have_its_data_elsewhere, "5 " DOCKER,
	"=srv/docker/containers/" ID_A "/config.v2.json " WEB, "5 => " UNNAMED_DOCKER,
	"=etc/docker/daemon.json {\"data-root\":\"/srv/docker\"}", "5 => docker web",
	"uid 1000 etc/docker/daemon.json", "5 => " UNNAMED_DOCKER)

MODEL_TEST(argument_of_dockerd_prevails, "5 " DOCKER, "9 /system.slice/docker.service",
	"=etc/docker/daemon.json {\"data-root\":\"/srv/docker\"}",
	"=opt/docker/containers/" ID_A "/config.v2.json " WEB, "=run/docker.pid 9",
	"arguments 9 /usr/bin/dockerd --data-root=/opt/docker", "5 => docker web",
	"arguments 9 dockerd --debug --data-root /opt/docker", "5 => docker web", "uid 7 9",
	"5 => " UNNAMED_DOCKER)

MODEL_TEST(docker_of_a_user_has_files_of_that_user,
	"5 " USER_SLICE "/user.slice/docker-" ID_A ".scope", "=" HOME_CONFIG " " WEB,
	"5 => docker web", "uid 1000 home/alice", "uid 1000 " HOME_CONFIG, "5 => docker web",
	"uid 1001 " HOME_CONFIG, "5 => " UNNAMED_DOCKER, "uid 1000 " HOME_CONFIG,
	long_file(HOME_CONFIG, 64 * 1024), "5 => " UNNAMED_DOCKER)

TEST(names_that_cannot_be_read_in_time_are_missing)
{
	need_files();
	sem_init(&unblocked, 0, 0);
	users_block = true;
	kernel.timeout_ms = 50;
	MODEL("5 " USER_SLICE "/user.slice/docker-" ID_A ".scope",
		"6 " USER_SLICE "/user.slice/docker-" ID_B ".scope",
		"conmon 7 " CONMON " " ID_A " web", "8<7 " PODMAN, "5 => " UNNAMED_DOCKER);
	assert_string_equal(known_name(6), "docker d1d5e64ac8d9");
	assert_string_equal(known_name(8), "podman web");
	FOUND("=> limited NAMES", "=> incomplete");
	assert_true(pool_count_abandoned(&scanned.pool));
	users_block = false;
	sem_post(&unblocked);
	sem_post(&unblocked);
	while (pool_count_abandoned(&scanned.pool))
		sched_yield();
}

#define ANNOTATIONS(container)                                                                     \
	"=" BUNDLE " {\"annotations\":{\"io.kubernetes.cri.sandbox-name\":\"web-7d4\","            \
	"\"io.kubernetes.cri.sandbox-namespace\":\"default\"" container "}}"

/* A user can give a control group the id of a container of root. */
MODEL_TEST(names_of_root_are_not_those_of_containers_of_a_user,
	"5 " USER_SLICE "/user.slice/docker-" ID_A ".scope",
	"6 " USER_SLICE "/user.slice/cri-containerd-" ID_A ".scope", "=" CONFIG " " WEB,
	ANNOTATIONS(""), "5 => " UNNAMED_DOCKER, "6 => containerd 84b8394540fb")

MODEL_TEST(containerd_has_names_in_annotations, "5 " POD_SLICE "/cri-containerd-" ID_A ".scope",
	ANNOTATIONS(",\"io.kubernetes.cri.container-name\":\"nginx\""),
	"5 => kubernetes default/web-7d4 nginx", ANNOTATIONS(""), "5 => kubernetes default/web-7d4",
	ANNOTATIONS(",\"io.kubernetes.cri.container-name\":\"a b\""), "5 => " UNNAMED_POD,
	"=" BUNDLE " {\"annotations\":[]}", "5 => " UNNAMED_POD)

MODEL_TEST(container_of_a_control_group_with_its_id_alone_is_found,
	"5 /kubepods/burstable/pod" POD "/" ID_A, "6 /custom/" ID_A,
	"=" CONFIG " {\"Name\":\"/k8s_nginx_web-7d4_default_" POD "_0\"}",
	"5 => kubernetes default/web-7d4 nginx",
	"6 => container k8s_nginx_web-7d4_default_" POD "_0")

MODEL_TEST(podman_container_has_the_name_in_the_arguments_of_conmon, "foreign",
	"conmon 4 " CONMON " " ID_A " web", "5<4 " PODMAN, "6<5 " PODMAN, "5 => podman web",
	"6 => podman web", "conmon 4 /user.slice/user-0.slice/session-3.scope " ID_A " web",
	"5 => podman web", "conmon 4 /user.slice/user-1000.slice/session-3.scope " ID_A " web",
	"5 => " UNNAMED_PODMAN)

MODEL_TEST(conmon_of_a_user_names_only_containers_of_that_user,
	"conmon 4 " USER_SLICE "/user.slice/libpod-conmon-" ID_A ".scope " ID_A " web",
	"uid 1000 4", "5<4 " USER_SLICE "/user.slice/libpod-" ID_A ".scope/container",
	"5 => podman web", "uid 1001 4", "5 => " UNNAMED_PODMAN, "uid 1000 4", "5<4 " PODMAN,
	"5 => " UNNAMED_PODMAN,
	/* su(1), started by a user with such arguments */
	"uid 0 4", "5 => " UNNAMED_PODMAN)

MODEL_TEST(process_that_is_not_the_conmon_of_the_container_is_ignored,
	"conmon 4 " CONMON " " ID_B " web", "5<4 " PODMAN, "5 => " UNNAMED_PODMAN,
	"conmon 4 " PODMAN " " ID_A " web", /* a process in the container */
	"5 => " UNNAMED_PODMAN, "conmon 4 " CONMON " " ID_A " \033[2J", "5 => " UNNAMED_PODMAN,
	"conmon 4 " CONMON " " ID_A " web", "arguments 4 sh -c " ID_A " -n web",
	"5 => " UNNAMED_PODMAN, "arguments 4 conmon -c " ID_A " -n", "5 => " UNNAMED_PODMAN)

MODEL_TEST(ancestors_that_form_a_circle_end, "4<5 /", "5<4 " PODMAN, "5 => " UNNAMED_PODMAN)

MODEL_TEST(cri_o_has_names_of_pod_and_container,
	"conmon 4 " POD_SLICE "/crio-conmon-" ID_A ".scope " ID_A " k8s_nginx_web-7d4_default_" POD
	"_0",
	"5<4 " POD_SLICE "/crio-" ID_A ".scope", "5 => kubernetes default/web-7d4 nginx",
	"conmon 4 " POD_SLICE "/crio-conmon-" ID_A ".scope " ID_A " k8s_POD_web-7d4_default_" POD
	"_0",
	"5 => kubernetes default/web-7d4", "conmon 4 / " ID_A " k8s_nginx_web-7d4_default",
	"5 => kubernetes k8s_nginx_web-7d4_default",
	/* Its user may give a container of Podman such a name. */
	"conmon 4 " CONMON " " ID_A " k8s_nginx_web-7d4_default_" POD "_0", "5<4 " PODMAN,
	"5 => podman k8s_nginx_web-7d4_default_" POD "_0")

TEST(names_are_read_once)
{
	MODEL("conmon 4 " CONMON " " ID_A " web", "5<4 " PODMAN, "6<5 " PODMAN, "6 => podman web");
	STEPS("!4/cmdline");
	read_names();
	assert_string_equal(known_name(6), "podman web");
}
