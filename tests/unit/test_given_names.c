// SPDX-License-Identifier: MIT
/*
 * Names that users gave containers and pods, and those that other users could have forged. Tests
 * take steps:
 *
 *	5 /docker/ID            a process of root in that control group
 *	5<4 /docker/ID          with another parent than 1
 *	conmon 4 / ID web       a process with the arguments of a conmon of that container
 *	uid 1000 4              the process is that user's
 *	uid 1000 var/lib        the file is; those of this test are root's
 *	=var/lib/x TEXT         a file
 *	=> 5 docker web         the name of a process then
 */
#include "hand_model.h"
#include "small_world.h"

#include <pwd.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>

#define USER_SLICE "/user.slice/user-1000.slice/user@1000.service"
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

static void add_conmon(pid_t pid, const char *cgroup, const char *id, const char *name)
{
	struct strbuf arguments = { 0 };

	add_process(pid, 1, cgroup);
	strbuf_addf(&arguments, "/usr/bin/conmon%c--api-version%c1%c-c%c%s%c-n%c%s%c--exit-dir%c/x",
		0, 0, 0, 0, id, 0, 0, name, 0, 0);
	world_bytes(strf("%d/cmdline", pid), strbuf_text(&arguments), arguments.len + 1);
	strbuf_done(&arguments);
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

static const char *name_of(pid_t pid)
{
	scan(0);
	read_names();
	return known_name(pid);
}

static void take_step(const char *step)
{
	char *rest = strf("%s", step), *first = strsep(&rest, " ");
	pid_t pid, ppid = 1;

	if (!strcmp(first, "=>")) {
		pid = atoi(strsep(&rest, " "));
		if (strcmp(name_of(pid), rest) != 0)
			fail_msg("'%s', not '%s'", known_name(pid), step);
	} else if (*first == '=') {
		need_files();
		world_file(first + 1, rest);
		assert_int_equal(fchmodat(world.fd, first + 1, 0600, 0), 0);
	} else if (!strcmp(first, "uid")) {
		pid = atoi(strsep(&rest, " "));
		set_uid((uid_t)pid, rest);
	} else if (!strcmp(first, "conmon")) {
		const char *words[3];

		for (size_t i = 0; i < COUNT(words); i++)
			words[i] = strsep(&rest, " ");
		add_conmon(atoi(words[0]), words[1], words[2], rest);
	} else {
		sscanf(first, "%d<%d", &pid, &ppid);
		add_process(pid, ppid, rest);
	}
}

#define NAMES(...) EACH_STEP(take_step, __VA_ARGS__)

#define PODMAN "/machine.slice/libpod-" ID_A ".scope/container"
#define CONMON "/machine.slice/libpod-conmon-" ID_A ".scope"
#define WEB "{\"Name\":\"/web\"}"

/* What they are called without a name that a user gave. */
#define UNNAMED_DOCKER "docker 84b8394540fb"
#define UNNAMED_PODMAN "podman 84b8394540fb"
#define UNNAMED_POD "kubernetes 84b8394540fb"

TEST(docker_container_has_the_name_in_its_file)
{
	NAMES("5 " DOCKER, "6<5 " DOCKER, "7 /system.slice/docker-" ID_B ".scope",
		"=" CONFIG " {\"ID\":\"x\",\"Name\":\"/web\",\"State\":{}}", "=> 5 docker web",
		"=> 6 docker web", "=> 7 docker d1d5e64ac8d9");
	assert_string_equal(find_process(6)->identity->id_name, UNNAMED_DOCKER);
}

TEST(files_of_another_system_are_not_read)
{
	NAMES("5 " DOCKER, "=" CONFIG " " WEB);
	root = NULL;
	NAMES("=> 5 " UNNAMED_DOCKER);
}

/* A user that can write to a file or replace a directory could give a container any name. */
TEST(file_that_others_could_have_written_is_ignored)
{
	NAMES("5 " DOCKER, "=" CONFIG " " WEB);
	for (EACH_TEXT(part, CONFIG, "var/lib/docker/containers/" ID_A, "var/lib/docker/containers",
		     "var/lib/docker", "var/lib", "var", ".")) {
		struct stat st;

		assert_int_equal(fstatat(world.fd, part, &st, 0), 0);
		set_uid(1000, part);
		NAMES("=> 5 " UNNAMED_DOCKER);
		set_uid(0, part);
		assert_int_equal(fchmodat(world.fd, part, 0775, 0), 0);
		NAMES("=> 5 " UNNAMED_DOCKER);
		assert_int_equal(fchmodat(world.fd, part, 0757, 0), 0);
		NAMES("=> 5 " UNNAMED_DOCKER);
		assert_int_equal(fchmodat(world.fd, part, st.st_mode & 07777, 0), 0);
	}
	NAMES("=> 5 docker web");
}

TEST(link_to_a_file_or_on_the_way_is_ignored)
{
	NAMES("5 " DOCKER, "=" CONFIG " " WEB);
	assert_int_equal(renameat(world.fd, "var", world.fd, "data"), 0);
	STEPS("var data");
	NAMES("=> 5 " UNNAMED_DOCKER);
	STEPS("!var");
	assert_int_equal(renameat(world.fd, "data", world.fd, "var"), 0);
	NAMES("=> 5 docker web");
	assert_int_equal(renameat(world.fd, CONFIG, world.fd, "config"), 0);
	world_link(CONFIG, "../../../../../config");
	NAMES("=> 5 " UNNAMED_DOCKER);
}

TEST(file_of_another_type_is_not_opened)
{
	NAMES("5 " DOCKER, "=" CONFIG " ");
	STEPS("!" CONFIG, "|" CONFIG);
	NAMES("=> 5 " UNNAMED_DOCKER);
	STEPS("!" CONFIG, CONFIG "/");
	NAMES("=> 5 " UNNAMED_DOCKER);
}

TEST(file_without_a_valid_name_is_ignored)
{
	NAMES("5 " DOCKER);
	for (EACH_TEXT(text, "", "{", "[]", "null", "\"Name\"", "{\"Name\":7}",
		     "{\"Name\":[\"/web\"]}", "{\"Name\":\"\"}", "{\"Name\":\"/\"}",
		     "{\"Name\":\"/a b\"}", "{\"Name\":\"/a/b\"}", "{\"Name\":\"/\\u001b[2J\"}",
		     "{\"Name\":\"/web\\u0000\"}", "{\"Name\":\"/-web\"}",
		     "{\"Name\":\"/w\xc3\xa9\"}", "{\"Name\":\"/web\n\"}", "\xff\xfe",
		     "{\"name\":\"/web\"}"))
		NAMES(strf("=%s %s", CONFIG, text), "=> 5 " UNNAMED_DOCKER);
	NAMES(strf("=%s {\"Name\":\"/%0*d\"}", CONFIG, 256, 0), "=> 5 " UNNAMED_DOCKER,
		strf("=%s {\"Name\":\"/%0*d\"}", CONFIG, 255, 0));
	assert_contains(name_of(5), "docker 000");
}

/* A step that makes a file of so many blanks, which names a container. */
static const char *long_file(const char *path, int blanks)
{
	return strf("=%s {\"Name\":\"/web\",%*s\"x\":1}", path, blanks, "");
}

TEST_CALL(huge_file_is_ignored,
	NAMES("5 " DOCKER, long_file(CONFIG, 3 * 1024 * 1024), "=> 5 docker web",
		long_file(CONFIG, 4 * 1024 * 1024), "=> 5 " UNNAMED_DOCKER));

TEST_CALL(docker_may_have_its_data_elsewhere,
	NAMES("5 " DOCKER, "=srv/docker/containers/" ID_A "/config.v2.json " WEB,
		"=> 5 " UNNAMED_DOCKER, "=etc/docker/daemon.json {\"data-root\":\"/srv/docker\"}",
		"=> 5 docker web", "uid 1000 etc/docker/daemon.json", "=> 5 " UNNAMED_DOCKER));

TEST(argument_of_dockerd_prevails)
{
	const char one[] = "/usr/bin/dockerd\0--data-root=/opt/docker";
	const char two[] = "dockerd\0--debug\0--data-root\0/opt/docker";

	NAMES("5 " DOCKER, "9 /system.slice/docker.service",
		"=etc/docker/daemon.json {\"data-root\":\"/srv/docker\"}",
		"=opt/docker/containers/" ID_A "/config.v2.json " WEB, "=run/docker.pid 9");
	world_bytes("9/cmdline", one, sizeof(one));
	NAMES("=> 5 docker web");
	world_bytes("9/cmdline", two, sizeof(two));
	NAMES("=> 5 docker web", "uid 7 9", "=> 5 " UNNAMED_DOCKER);
}

TEST_CALL(docker_of_a_user_has_files_of_that_user,
	NAMES("5 " USER_SLICE "/user.slice/docker-" ID_A ".scope", "=" HOME_CONFIG " " WEB,
		"=> 5 docker web", "uid 1000 home/alice", "uid 1000 " HOME_CONFIG,
		"=> 5 docker web", "uid 1001 " HOME_CONFIG, "=> 5 " UNNAMED_DOCKER,
		"uid 1000 " HOME_CONFIG, long_file(HOME_CONFIG, 64 * 1024),
		"=> 5 " UNNAMED_DOCKER));

TEST(names_that_cannot_be_read_in_time_are_missing)
{
	need_files();
	sem_init(&unblocked, 0, 0);
	users_block = true;
	kernel.timeout_ms = 50;
	NAMES("5 " USER_SLICE "/user.slice/docker-" ID_A ".scope",
		"6 " USER_SLICE "/user.slice/docker-" ID_B ".scope",
		"conmon 7 " CONMON " " ID_A " web", "8<7 " PODMAN, "=> 5 " UNNAMED_DOCKER);
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
TEST_CALL(names_of_root_are_not_those_of_containers_of_a_user,
	NAMES("5 " USER_SLICE "/user.slice/docker-" ID_A ".scope",
		"6 " USER_SLICE "/user.slice/cri-containerd-" ID_A ".scope", "=" CONFIG " " WEB,
		ANNOTATIONS(""), "=> 5 " UNNAMED_DOCKER, "=> 6 containerd 84b8394540fb"));

TEST_CALL(containerd_has_names_in_annotations,
	NAMES("5 " POD_SLICE "/cri-containerd-" ID_A ".scope",
		ANNOTATIONS(",\"io.kubernetes.cri.container-name\":\"nginx\""),
		"=> 5 kubernetes default/web-7d4 nginx", ANNOTATIONS(""),
		"=> 5 kubernetes default/web-7d4",
		ANNOTATIONS(",\"io.kubernetes.cri.container-name\":\"a b\""), "=> 5 " UNNAMED_POD,
		"=" BUNDLE " {\"annotations\":[]}", "=> 5 " UNNAMED_POD));

TEST_CALL(container_of_a_control_group_with_its_id_alone_is_found,
	NAMES("5 /kubepods/burstable/pod" POD "/" ID_A, "6 /custom/" ID_A,
		"=" CONFIG " {\"Name\":\"/k8s_nginx_web-7d4_default_" POD "_0\"}",
		"=> 5 kubernetes default/web-7d4 nginx",
		"=> 6 container k8s_nginx_web-7d4_default_" POD "_0"));

TEST(podman_container_has_the_name_in_the_arguments_of_conmon)
{
	root = NULL;
	NAMES("conmon 4 " CONMON " " ID_A " web", "5<4 " PODMAN, "6<5 " PODMAN, "=> 5 podman web",
		"=> 6 podman web", "conmon 4 /user.slice/user-0.slice/session-3.scope " ID_A " web",
		"=> 5 podman web",
		"conmon 4 /user.slice/user-1000.slice/session-3.scope " ID_A " web",
		"=> 5 " UNNAMED_PODMAN);
}

TEST_CALL(conmon_of_a_user_names_only_containers_of_that_user,
	NAMES("conmon 4 " USER_SLICE "/user.slice/libpod-conmon-" ID_A ".scope " ID_A " web",
		"uid 1000 4", "5<4 " USER_SLICE "/user.slice/libpod-" ID_A ".scope/container",
		"=> 5 podman web", "uid 1001 4", "=> 5 " UNNAMED_PODMAN, "uid 1000 4",
		"5<4 " PODMAN, "=> 5 " UNNAMED_PODMAN,
		/* su(1), started by a user with such arguments */
		"uid 0 4", "=> 5 " UNNAMED_PODMAN));

TEST(process_that_is_not_the_conmon_of_the_container_is_ignored)
{
	NAMES("conmon 4 " CONMON " " ID_B " web", "5<4 " PODMAN, "=> 5 " UNNAMED_PODMAN,
		"conmon 4 " PODMAN " " ID_A " web", /* a process in the container */
		"=> 5 " UNNAMED_PODMAN, "conmon 4 " CONMON " " ID_A " \033[2J",
		"=> 5 " UNNAMED_PODMAN, "conmon 4 " CONMON " " ID_A " web");
	world_bytes("4/cmdline", "sh\0-c\0" ID_A "\0-n\0web", 6 + 64 + 8);
	NAMES("=> 5 " UNNAMED_PODMAN);
	world_bytes("4/cmdline", "conmon\0-c\0" ID_A "\0-n", 10 + 64 + 4);
	NAMES("=> 5 " UNNAMED_PODMAN);
}

TEST_CALL(ancestors_that_form_a_circle_end, NAMES("4<5 /", "5<4 " PODMAN, "=> 5 " UNNAMED_PODMAN));

TEST_CALL(cri_o_has_names_of_pod_and_container,
	NAMES("conmon 4 " POD_SLICE "/crio-conmon-" ID_A ".scope " ID_A
	      " k8s_nginx_web-7d4_default_" POD "_0",
		"5<4 " POD_SLICE "/crio-" ID_A ".scope", "=> 5 kubernetes default/web-7d4 nginx",
		"conmon 4 " POD_SLICE "/crio-conmon-" ID_A ".scope " ID_A
		" k8s_POD_web-7d4_default_" POD "_0",
		"=> 5 kubernetes default/web-7d4", "conmon 4 / " ID_A " k8s_nginx_web-7d4_default",
		"=> 5 kubernetes k8s_nginx_web-7d4_default",
		/* Its user may give a container of Podman such a name. */
		"conmon 4 " CONMON " " ID_A " k8s_nginx_web-7d4_default_" POD "_0", "5<4 " PODMAN,
		"=> 5 podman k8s_nginx_web-7d4_default_" POD "_0"));

TEST(names_are_read_once)
{
	NAMES("conmon 4 " CONMON " " ID_A " web", "5<4 " PODMAN, "6<5 " PODMAN, "=> 6 podman web");
	STEPS("!4/cmdline");
	read_names();
	assert_string_equal(known_name(6), "podman web");
}
