// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
/*
 * The native library of the Java package vmguestlib: one call of the C libraries for each
 * method.  A failure becomes the exception of its library, with the SDK's code.
 */
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jni.h>

#include "accessors.h"
#include "vmGuestAppMonitorLib.h"

#define PACKAGE	"vmguestlib/"

/* Set once when the library is loaded, before Java can call any of the methods */
static jfieldID handle_field;

static void throw_new(JNIEnv *env, const char *name, jint code, const char *text,
		      jbyteArray reply)
{
	jclass class = (*env)->FindClass(env, name);
	jmethodID constructor;
	jobject exception;
	jstring string;

	if (!class)
		return;
	constructor = (*env)->GetMethodID(env, class, "<init>",
					  "(ILjava/lang/String;[B)V");
	if (!constructor)
		return;
	string = (*env)->NewStringUTF(env, text);
	if (!string)
		return;
	exception = (*env)->NewObject(env, class, constructor, code, string, reply);
	if (exception)
		(*env)->Throw(env, exception);
}

/* Throws an exception for an error.  Returns whether it has thrown one. */
static jboolean failed(JNIEnv *env, VMGuestLibError error, jbyteArray reply)
{
	if (error == VMGUESTLIB_ERROR_SUCCESS)
		return JNI_FALSE;
	throw_new(env, PACKAGE "VMGuestLibException", (jint)error,
		  VMGuestLib_GetErrorText(error), reply);
	return JNI_TRUE;
}

static VMGuestLibHandle handle_of(JNIEnv *env, jobject self)
{
	uintptr_t number = (uintptr_t)(*env)->GetLongField(env, self, handle_field);
	VMGuestLibHandle handle;

	memcpy(&handle, &number, sizeof(number));
	return handle;
}

static void open_handle(JNIEnv *env, jobject self)
{
	VMGuestLibHandle handle;

	if (!failed(env, VMGuestLib_OpenHandle(&handle), NULL))
		(*env)->SetLongField(env, self, handle_field, (jlong)(intptr_t)handle);
}

static void close_handle(JNIEnv *env, jobject self)
{
	VMGuestLibHandle handle = handle_of(env, self);

	/* A second close is no error, as AutoCloseable requires. */
	(*env)->SetLongField(env, self, handle_field, 0);
	if (handle)
		VMGuestLib_CloseHandle(handle);
}

static void update_info(JNIEnv *env, jobject self)
{
	failed(env, VMGuestLib_UpdateInfo(handle_of(env, self)), NULL);
}

static jbyteArray bytes_from(JNIEnv *env, const char *text, size_t len)
{
	jbyteArray bytes = (*env)->NewByteArray(env, (jsize)len);

	if (bytes && len)
		(*env)->SetByteArrayRegion(env, bytes, 0, (jsize)len,
					   (const jbyte *)text);
	return bytes;
}

/* Returns a copy that ends with NUL; NULL if @bytes is null or memory is short. */
static char *text_from(JNIEnv *env, jbyteArray bytes)
{
	jsize len = bytes ? (*env)->GetArrayLength(env, bytes) : 0;
	char *text = bytes ? malloc((size_t)len + 1) : NULL;

	if (!text)
		return NULL;
	(*env)->GetByteArrayRegion(env, bytes, 0, len, (jbyte *)text);
	text[len] = '\0';
	return text;
}

static jbyteArray get_path(JNIEnv *env, jobject self)
{
	VMGuestLibHandle handle = handle_of(env, self);
	char path[513];
	size_t size = sizeof(path);

	if (failed(env, VMGuestLib_GetResourcePoolPath(handle, &size, path), NULL))
		return NULL;
	return bytes_from(env, path, strlen(path));
}

static jbyteArray stat_get(JNIEnv *env, jclass class, jbyteArray encoding,
			   jbyteArray stat)
{
	char *encoding_text = text_from(env, encoding);
	char *stat_text = text_from(env, stat);
	VMGuestLibError error = VMGUESTLIB_ERROR_MEMORY;
	jbyteArray reply = NULL;
	char *text = NULL;
	size_t len = 0;

	(void)class;
	if (!(encoding && !encoding_text) && !(stat && !stat_text))
		error = VMGuestLib_StatGet(encoding_text, stat_text, &text, &len);
	if (text)
		reply = bytes_from(env, text, len);
	VMGuestLib_StatFree(text, len);
	free(encoding_text);
	free(stat_text);
	if ((text && !reply) || failed(env, error, reply))
		return NULL;
	return reply;
}

static jlong get_session_id(JNIEnv *env, jobject self)
{
	VMSessionId id;

	if (failed(env, VMGuestLib_GetSessionId(handle_of(env, self), &id), NULL))
		return 0;
	return (jlong)id;
}

#define DEFINE_METHOD(name, type, statistic, unit) \
static jlong name(JNIEnv *env, jobject self) \
{ \
	type value; \
\
	if (failed(env, VMGuestLib_##name(handle_of(env, self), &value), NULL)) \
		return 0; \
	return (jlong)value; \
}

/* Java has the deprecated accessor as well. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
VMGUESTLIB_DECLARED_ACCESSORS(DEFINE_METHOD)
VMGUESTLIB_UNDECLARED_ACCESSORS(DEFINE_METHOD)
DEFINE_METHOD(GetMemShares64, uint64, MEM_SHARES64, "shares")
DEFINE_METHOD(GetHostMemKernOvhdMB, uint64, HOST_MEM_KERN_OVHD_MB, "MB")
#pragma GCC diagnostic pop

/* --- application monitoring -------------------------------------------------- */

static jboolean monitor_failed(JNIEnv *env, VMGuestAppMonitorLibError error)
{
	static const char *const texts[] = {
		[VMGUESTAPPMONITORLIB_ERROR_OTHER] = "Other error",
		[VMGUESTAPPMONITORLIB_ERROR_NOT_RUNNING_IN_VM] =
			"Not in a VMware virtual machine",
		[VMGUESTAPPMONITORLIB_ERROR_NOT_ENABLED] =
			"Application monitoring is not enabled",
		[VMGUESTAPPMONITORLIB_ERROR_NOT_SUPPORTED] =
			"This host does not know application monitoring",
	};
	char text[128];

	if (error == VMGUESTAPPMONITORLIB_ERROR_SUCCESS)
		return JNI_FALSE;
	snprintf(text, sizeof(text), "%s (%s)", texts[error], strerror(errno));
	throw_new(env, PACKAGE "VMGuestAppMonitorException", (jint)error, text, NULL);
	return JNI_TRUE;
}

static void monitor_enable(JNIEnv *env, jclass class)
{
	(void)class;
	monitor_failed(env, VMGuestAppMonitor_Enable());
}

static void monitor_disable(JNIEnv *env, jclass class)
{
	(void)class;
	monitor_failed(env, VMGuestAppMonitor_Disable());
}

static void monitor_mark_active(JNIEnv *env, jclass class)
{
	(void)class;
	monitor_failed(env, VMGuestAppMonitor_MarkActive());
}

static jboolean monitor_is_enabled(JNIEnv *env, jclass class)
{
	(void)env, (void)class;
	return VMGuestAppMonitor_IsEnabled() ? JNI_TRUE : JNI_FALSE;
}

static jbyteArray monitor_get_status(JNIEnv *env, jclass class)
{
	char *status = VMGuestAppMonitor_GetAppStatus();
	jbyteArray bytes = NULL;

	(void)class;
	if (!status)
		monitor_failed(env, VMGUESTAPPMONITORLIB_ERROR_OTHER);
	else
		bytes = bytes_from(env, status, strlen(status));
	VMGuestAppMonitor_Free(status);
	return bytes;
}

static void monitor_post_state(JNIEnv *env, jclass class, jbyteArray state)
{
	char *text = text_from(env, state);

	(void)class;
	monitor_failed(env, VMGuestAppMonitor_PostAppState(text));
	free(text);
}

/* --- the table of methods ----------------------------------------------------- */

#define METHOD(name, signature, function)	{ name, signature, (void *)(function) }
#define ACCESSOR(name, type, statistic, unit)	METHOD(#name, "()J", name),

static const JNINativeMethod statistics_methods[] = {
	METHOD("open", "()V", open_handle),
	METHOD("close", "()V", close_handle),
	METHOD("updateInfo", "()V", update_info),
	METHOD("getSessionId", "()J", get_session_id),
	METHOD("path", "()[B", get_path),
	METHOD("stat", "([B[B)[B", stat_get),
	VMGUESTLIB_DECLARED_ACCESSORS(ACCESSOR)
	VMGUESTLIB_UNDECLARED_ACCESSORS(ACCESSOR)
	ACCESSOR(GetMemShares64, uint64, MEM_SHARES64, "shares")
	ACCESSOR(GetHostMemKernOvhdMB, uint64, HOST_MEM_KERN_OVHD_MB, "MB")
};

static const JNINativeMethod monitor_methods[] = {
	METHOD("enable", "()V", monitor_enable),
	METHOD("disable", "()V", monitor_disable),
	METHOD("markActive", "()V", monitor_mark_active),
	METHOD("isEnabled", "()Z", monitor_is_enabled),
	METHOD("status", "()[B", monitor_get_status),
	METHOD("post", "([B)V", monitor_post_state),
};

/* The names are those of the SDK's functions, but Java's begin with a small letter. */
static jboolean register_methods(JNIEnv *env, jclass class,
				 const JNINativeMethod *methods, size_t count)
{
	JNINativeMethod method;
	char name[64];
	size_t i;

	for (i = 0; i < count; i++) {
		method = methods[i];
		snprintf(name, sizeof(name), "%s", method.name);
		name[0] = (char)tolower((unsigned char)name[0]);
		method.name = name;
		if ((*env)->RegisterNatives(env, class, &method, 1))
			return JNI_FALSE;
	}
	return JNI_TRUE;
}

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *machine, void *reserved)
{
	jclass statistics, monitor;
	JNIEnv *env;

	(void)reserved;
	if ((*machine)->GetEnv(machine, (void **)&env, JNI_VERSION_1_8))
		return JNI_ERR;
	statistics = (*env)->FindClass(env, PACKAGE "VMGuestLib");
	if (!statistics)
		return JNI_ERR;
	handle_field = (*env)->GetFieldID(env, statistics, "handle", "J");
	monitor = (*env)->FindClass(env, PACKAGE "VMGuestAppMonitor");
	if (!handle_field || !monitor ||
	    !register_methods(env, statistics, statistics_methods,
			      COUNT(statistics_methods)) ||
	    !register_methods(env, monitor, monitor_methods, COUNT(monitor_methods)))
		return JNI_ERR;
	return JNI_VERSION_1_8;
}
