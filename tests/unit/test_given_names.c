// SPDX-License-Identifier: MIT
/* Names that users gave containers and pods, and those that other users could have forged. */
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

static void add(pid_t pid, pid_t ppid, const char *cgroup)
{
	world_process(pid, ppid);
	world_file(strf("%d/cgroup", pid), strf("0::%s\n", cgroup));
	world_file(strf("%d/status", pid), "Uid:\t0\t0\t0\t0\nNSpid:\t1\n");
}

/* It and its directories belong to the user of the test. */
static void add_file(const char *path, const char *text)
{
	world_file(path, text);
	assert_int_equal(fchmodat(world.fd, path, 0600, 0), 0);
}

static void give_to(uid_t uid, const char *path)
{
	assert_int_equal(fchownat(world.fd, path, uid, (gid_t)-1, 0), 0);
}

static void read_names(void)
{
	assert_int_equal(enrich_rows(&scanned.procfs, &scanned.pool, &scanned.model, NEED_IDENTITY,
				 NULL, &scanned.report),
		0);
	assert_int_equal(enrich_given_names(root, &scanned.procfs, &scanned.pool, &scanned.model,
				 &scanned.report),
		0);
}

static const char *name_of(pid_t pid)
{
	scan(0);
	read_names();
	return find_process(pid)->identity->name;
}

static void need_files(void)
{
#ifndef HAVE_JSON_C
	test_skip("built without json-c");
#endif
	if (getuid() != 0)
		test_skip("needs root, as the owner of files");
}

/* Process 5, in a container that is called "web". */
static void add_docker_web(void)
{
	need_files();
	add(5, 1, DOCKER);
	add_file(CONFIG, "{\"Name\":\"/web\"}");
}

static void add_conmon(pid_t pid, const char *cgroup, const char *id, const char *name)
{
	struct strbuf arguments = { 0 };

	add(pid, 1, cgroup);
	strbuf_addf(&arguments, "/usr/bin/conmon%c--api-version%c1%c-c%c%s%c-n%c%s%c--exit-dir%c/x",
		0, 0, 0, 0, id, 0, 0, name, 0, 0);
	world_bytes(strf("%d/cmdline", pid), strbuf_text(&arguments), arguments.len + 1);
	strbuf_done(&arguments);
}

#define PODMAN "/machine.slice/libpod-" ID_A ".scope/container"
#define CONMON "/machine.slice/libpod-conmon-" ID_A ".scope"

#define NOT_NAMED "docker 84b8394540fb"

TEST(docker_container_has_the_name_in_its_file)
{
	need_files();
	add(5, 1, DOCKER);
	add(6, 5, DOCKER);
	add(7, 1, "/system.slice/docker-" ID_B ".scope");
	add_file(CONFIG, "{\"ID\":\"x\",\"Name\":\"/web\",\"State\":{}}");
	assert_string_equal(name_of(5), "docker web");
	assert_string_equal(name_of(6), "docker web");
	assert_string_equal(name_of(7), "docker d1d5e64ac8d9");
	assert_string_equal(find_process(6)->identity->id_name, NOT_NAMED);
}

TEST(files_of_another_system_are_not_read)
{
	add_docker_web();
	root = NULL;
	assert_string_equal(name_of(5), NOT_NAMED);
}

/* A user that can write to a file or replace a directory could give a container any name. */
TEST(file_that_others_could_have_written_is_ignored)
{
	static const char *const parts[] = { CONFIG, ("var/lib/docker/containers/" ID_A),
		"var/lib/docker/containers", "var/lib/docker", "var/lib", "var", "." };

	add_docker_web();
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		struct stat st;

		assert_int_equal(fstatat(world.fd, parts[i], &st, 0), 0);
		give_to(1000, parts[i]);
		assert_string_equal(name_of(5), NOT_NAMED);
		give_to(0, parts[i]);
		assert_int_equal(fchmodat(world.fd, parts[i], 0775, 0), 0);
		assert_string_equal(name_of(5), NOT_NAMED);
		assert_int_equal(fchmodat(world.fd, parts[i], 0757, 0), 0);
		assert_string_equal(name_of(5), NOT_NAMED);
		assert_int_equal(fchmodat(world.fd, parts[i], st.st_mode & 07777, 0), 0);
	}
	assert_string_equal(name_of(5), "docker web");
}

TEST(link_to_a_file_or_on_the_way_is_ignored)
{
	add_docker_web();
	assert_int_equal(renameat(world.fd, "var", world.fd, "data"), 0);
	world_link("var", "data");
	assert_string_equal(name_of(5), NOT_NAMED);
	world_unlink("var");
	assert_int_equal(renameat(world.fd, "data", world.fd, "var"), 0);
	assert_string_equal(name_of(5), "docker web");
	assert_int_equal(renameat(world.fd, CONFIG, world.fd, "config"), 0);
	world_link(CONFIG, "../../../../../config");
	assert_string_equal(name_of(5), NOT_NAMED);
}

TEST(file_of_another_type_is_not_opened)
{
	need_files();
	add(5, 1, DOCKER);
	add_file(CONFIG, "");
	world_unlink(CONFIG);
	assert_int_equal(mkfifoat(world.fd, CONFIG, 0600), 0);
	assert_string_equal(name_of(5), NOT_NAMED);
	world_unlink(CONFIG);
	assert_int_equal(mkdirat(world.fd, CONFIG, 0700), 0);
	assert_string_equal(name_of(5), NOT_NAMED);
}

TEST(file_without_a_valid_name_is_ignored)
{
	static const char *const texts[] = { "", "{", "[]", "null", "\"Name\"", "{\"Name\":7}",
		"{\"Name\":[\"/web\"]}", "{\"Name\":\"\"}", "{\"Name\":\"/\"}",
		"{\"Name\":\"/a b\"}", "{\"Name\":\"/a/b\"}", "{\"Name\":\"/\\u001b[2J\"}",
		"{\"Name\":\"/web\\u0000\"}", "{\"Name\":\"/-web\"}", "{\"Name\":\"/w\xc3\xa9\"}",
		"{\"Name\":\"/web\n\"}", "\xff\xfe", "{\"name\":\"/web\"}" };

	need_files();
	add(5, 1, DOCKER);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		add_file(CONFIG, texts[i]);
		assert_string_equal(name_of(5), NOT_NAMED);
	}
	add_file(CONFIG, strf("{\"Name\":\"/%0*d\"}", 256, 0));
	assert_string_equal(name_of(5), NOT_NAMED);
	add_file(CONFIG, strf("{\"Name\":\"/%0*d\"}", 255, 0));
	assert_contains(name_of(5), "docker 000");
}

static void add_long_file(const char *path, int blanks)
{
	struct strbuf text = { 0 };

	strbuf_addf(&text, "{\"Name\":\"/web\",%*s\"x\":1}", blanks, "");
	add_file(path, strbuf_keep(&text));
}

TEST(huge_file_is_ignored)
{
	need_files();
	add(5, 1, DOCKER);
	add_long_file(CONFIG, 3 * 1024 * 1024);
	assert_string_equal(name_of(5), "docker web");
	add_long_file(CONFIG, 4 * 1024 * 1024);
	assert_string_equal(name_of(5), NOT_NAMED);
}

TEST(docker_may_have_its_data_elsewhere)
{
	need_files();
	add(5, 1, DOCKER);
	add_file("srv/docker/containers/" ID_A "/config.v2.json", "{\"Name\":\"/web\"}");
	assert_string_equal(name_of(5), NOT_NAMED);
	add_file("etc/docker/daemon.json", "{\"data-root\":\"/srv/docker\"}");
	assert_string_equal(name_of(5), "docker web");
	give_to(1000, "etc/docker/daemon.json");
	assert_string_equal(name_of(5), NOT_NAMED);
}

TEST(argument_of_dockerd_prevails)
{
	const char one[] = "/usr/bin/dockerd\0--data-root=/opt/docker";
	const char two[] = "dockerd\0--debug\0--data-root\0/opt/docker";

	need_files();
	add(5, 1, DOCKER);
	add(9, 1, "/system.slice/docker.service");
	add_file("etc/docker/daemon.json", "{\"data-root\":\"/srv/docker\"}");
	add_file("opt/docker/containers/" ID_A "/config.v2.json", "{\"Name\":\"/web\"}");
	add_file("run/docker.pid", "9");
	world_bytes("9/cmdline", one, sizeof(one));
	assert_string_equal(name_of(5), "docker web");
	world_bytes("9/cmdline", two, sizeof(two));
	assert_string_equal(name_of(5), "docker web");
	world_file("9/status", "Uid:\t7\t7\t7\t7\nNSpid:\t9\n");
	assert_string_equal(name_of(5), NOT_NAMED);
}

TEST(docker_of_a_user_has_files_of_that_user)
{
	need_files();
	add(5, 1, USER_SLICE "/user.slice/docker-" ID_A ".scope");
	add_file(HOME_CONFIG, "{\"Name\":\"/web\"}");
	assert_string_equal(name_of(5), "docker web");
	give_to(1000, "home/alice");
	give_to(1000, HOME_CONFIG);
	assert_string_equal(name_of(5), "docker web");
	give_to(1001, HOME_CONFIG);
	assert_string_equal(name_of(5), NOT_NAMED);
	give_to(1000, HOME_CONFIG);
	add_long_file(HOME_CONFIG, 64 * 1024);
	assert_string_equal(name_of(5), NOT_NAMED);
}

TEST(names_that_cannot_be_read_in_time_are_missing)
{
	need_files();
	sem_init(&unblocked, 0, 0);
	users_block = true;
	kernel.timeout_ms = 50;
	add(5, 1, USER_SLICE "/user.slice/docker-" ID_A ".scope");
	add(6, 1, USER_SLICE "/user.slice/docker-" ID_B ".scope");
	add_conmon(7, CONMON, ID_A, "web");
	add(8, 7, PODMAN);
	assert_string_equal(name_of(5), NOT_NAMED);
	assert_string_equal(find_process(6)->identity->name, "docker d1d5e64ac8d9");
	assert_string_equal(find_process(8)->identity->name, "podman web");
	FOUND("=> limited NAMES", "=> incomplete");
	assert_true(pool_has_abandoned(&scanned.pool));
	users_block = false;
	sem_post(&unblocked);
	sem_post(&unblocked);
	while (pool_has_abandoned(&scanned.pool))
		sched_yield();
}

/* A user can give a control group the id of a container of root. */
TEST(names_of_root_are_not_those_of_containers_of_a_user)
{
	need_files();
	add(5, 1, USER_SLICE "/user.slice/docker-" ID_A ".scope");
	add(6, 1, USER_SLICE "/user.slice/cri-containerd-" ID_A ".scope");
	add_file(CONFIG, "{\"Name\":\"/web\"}");
	add_file(BUNDLE, "{\"annotations\":{\"io.kubernetes.cri.sandbox-name\":\"web-7d4\","
			 "\"io.kubernetes.cri.sandbox-namespace\":\"default\"}}");
	assert_string_equal(name_of(5), NOT_NAMED);
	assert_string_equal(name_of(6), "containerd 84b8394540fb");
}

#define ANNOTATIONS                                                                                \
	"{\"annotations\":{\"io.kubernetes.cri.sandbox-name\":\"web-7d4\","                        \
	"\"io.kubernetes.cri.sandbox-namespace\":\"default\"%s}}"

TEST(containerd_has_names_in_annotations)
{
	need_files();
	add(5, 1, POD_SLICE "/cri-containerd-" ID_A ".scope");
	add_file(BUNDLE, strf(ANNOTATIONS, ",\"io.kubernetes.cri.container-name\":\"nginx\""));
	assert_string_equal(name_of(5), "kubernetes default/web-7d4 nginx");
	add_file(BUNDLE, strf(ANNOTATIONS, ""));
	assert_string_equal(name_of(5), "kubernetes default/web-7d4");
	add_file(BUNDLE, strf(ANNOTATIONS, ",\"io.kubernetes.cri.container-name\":\"a b\""));
	assert_string_equal(name_of(5), "kubernetes 84b8394540fb");
	add_file(BUNDLE, "{\"annotations\":[]}");
	assert_string_equal(name_of(5), "kubernetes 84b8394540fb");
}

TEST(container_of_a_control_group_with_its_id_alone_is_found)
{
	need_files();
	add(5, 1, "/kubepods/burstable/pod" POD "/" ID_A);
	add(6, 1, "/custom/" ID_A);
	add_file(CONFIG, "{\"Name\":\"/k8s_nginx_web-7d4_default_" POD "_0\"}");
	assert_string_equal(name_of(5), "kubernetes default/web-7d4 nginx");
	assert_string_equal(name_of(6), "container k8s_nginx_web-7d4_default_" POD "_0");
}

TEST(podman_container_has_the_name_in_the_arguments_of_conmon)
{
	add_conmon(4, CONMON, ID_A, "web");
	add(5, 4, PODMAN);
	add(6, 5, PODMAN);
	root = NULL;
	assert_string_equal(name_of(5), "podman web");
	assert_string_equal(name_of(6), "podman web");
	add_conmon(4, "/user.slice/user-0.slice/session-3.scope", ID_A, "web");
	assert_string_equal(name_of(5), "podman web");
	add_conmon(4, "/user.slice/user-1000.slice/session-3.scope", ID_A, "web");
	assert_string_equal(name_of(5), "podman 84b8394540fb");
}

TEST(conmon_of_a_user_names_only_containers_of_that_user)
{
	static const char path[] = USER_SLICE "/user.slice/libpod-" ID_A ".scope/container";

	add_conmon(4, USER_SLICE "/user.slice/libpod-conmon-" ID_A ".scope", ID_A, "web");
	world_file("4/status", "Uid:\t1000\t1000\t1000\t1000\nNSpid:\t4\n");
	add(5, 4, path);
	assert_string_equal(name_of(5), "podman web");
	world_file("4/status", "Uid:\t1001\t1001\t1001\t1001\nNSpid:\t4\n");
	assert_string_equal(name_of(5), "podman 84b8394540fb");
	world_file("4/status", "Uid:\t1000\t1000\t1000\t1000\nNSpid:\t4\n");
	add(5, 4, PODMAN);
	assert_string_equal(name_of(5), "podman 84b8394540fb");
	/* su(1), started by a user with such arguments */
	world_file("4/status", "Uid:\t0\t0\t0\t0\nNSpid:\t4\n");
	assert_string_equal(name_of(5), "podman 84b8394540fb");
}

TEST(process_that_is_not_the_conmon_of_the_container_is_ignored)
{
	add_conmon(4, CONMON, ID_B, "web");
	add(5, 4, PODMAN);
	assert_string_equal(name_of(5), "podman 84b8394540fb");
	add_conmon(4, PODMAN, ID_A, "web"); /* a process in the container */
	assert_string_equal(name_of(5), "podman 84b8394540fb");
	add_conmon(4, CONMON, ID_A, "web");
	world_bytes("4/cmdline", "sh\0-c\0" ID_A "\0-n\0web", 6 + 64 + 8);
	assert_string_equal(name_of(5), "podman 84b8394540fb");
	world_bytes("4/cmdline", "conmon\0-c\0" ID_A "\0-n", 10 + 64 + 4);
	assert_string_equal(name_of(5), "podman 84b8394540fb");
	add_conmon(4, CONMON, ID_A, "\033[2J");
	assert_string_equal(name_of(5), "podman 84b8394540fb");
}

TEST(ancestors_that_form_a_circle_end)
{
	add(4, 5, "/");
	add(5, 4, PODMAN);
	assert_string_equal(name_of(5), "podman 84b8394540fb");
}

TEST(cri_o_has_names_of_pod_and_container)
{
	add_conmon(4, POD_SLICE "/crio-conmon-" ID_A ".scope", ID_A,
		"k8s_nginx_web-7d4_default_" POD "_0");
	add(5, 4, POD_SLICE "/crio-" ID_A ".scope");
	assert_string_equal(name_of(5), "kubernetes default/web-7d4 nginx");
	add_conmon(4, POD_SLICE "/crio-conmon-" ID_A ".scope", ID_A,
		"k8s_POD_web-7d4_default_" POD "_0");
	assert_string_equal(name_of(5), "kubernetes default/web-7d4");
	add_conmon(4, "/", ID_A, "k8s_nginx_web-7d4_default");
	assert_string_equal(name_of(5), "kubernetes k8s_nginx_web-7d4_default");
	/* Its user may give a container of Podman such a name. */
	add_conmon(4, CONMON, ID_A, "k8s_nginx_web-7d4_default_" POD "_0");
	add(5, 4, PODMAN);
	assert_string_equal(name_of(5), "podman k8s_nginx_web-7d4_default_" POD "_0");
}

TEST(names_are_read_once)
{
	add_conmon(4, CONMON, ID_A, "web");
	add(5, 4, PODMAN);
	add(6, 5, PODMAN);
	scan(0);
	read_names();
	world_unlink("4/cmdline");
	read_names();
	assert_string_equal(find_process(6)->identity->name, "podman web");
}
