// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright The vmguestlib authors
#include "diagnosis.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "text.h"

static const char *const verdicts[] = {
	[VERDICT_OK] = "ok",
	[VERDICT_WARNING] = "warning",
	[VERDICT_FAILURE] = "failure",
};

void finding(struct diagnosis *diagnosis, enum verdict verdict,
	     const char *subject, const char *cure, const char *format, ...)
{
	char text[FINDING_SIZE], *clean;
	struct finding *finding;
	va_list arguments;

	if (diagnosis->count == FINDINGS_MAX)
		return;
	finding = &diagnosis->findings[diagnosis->count++];
	finding->verdict = verdict;
	finding->subject = subject;
	finding->cure = cure;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	/* A path may have any bytes, and the text may be cut in the middle of a character. */
	clean = clean_text(text, "");
	snprintf(finding->text, sizeof(finding->text), "%s", clean ? clean : "");
	free(clean);
}

enum verdict diagnosis_verdict(const struct diagnosis *diagnosis)
{
	enum verdict verdict = VERDICT_OK;
	size_t i;

	for (i = 0; i < diagnosis->count; i++)
		if (diagnosis->findings[i].verdict > verdict)
			verdict = diagnosis->findings[i].verdict;
	return verdict;
}

void diagnosis_print(const struct diagnosis *diagnosis)
{
	const struct finding *finding;

	for (finding = diagnosis->findings;
	     finding < diagnosis->findings + diagnosis->count; finding++) {
		printf("%-8s %-11s %s\n", verdicts[finding->verdict],
		       finding->subject, finding->text);
		if (finding->cure)
			printf("%20s -> %s\n", "", finding->cure);
	}
}

int diagnosis_print_json(const struct diagnosis *diagnosis)
{
	cJSON *root = cJSON_CreateObject(), *list, *object;
	const struct finding *finding;
	char *text;

	cJSON_AddStringToObject(root, "verdict", verdicts[diagnosis_verdict(diagnosis)]);
	list = cJSON_AddArrayToObject(root, "findings");
	for (finding = diagnosis->findings;
	     finding < diagnosis->findings + diagnosis->count; finding++) {
		object = cJSON_CreateObject();
		cJSON_AddStringToObject(object, "verdict",
					verdicts[finding->verdict]);
		cJSON_AddStringToObject(object, "subject", finding->subject);
		cJSON_AddStringToObject(object, "text", finding->text);
		if (finding->cure)
			cJSON_AddStringToObject(object, "cure", finding->cure);
		cJSON_AddItemToArray(list, object);
	}
	text = cJSON_Print(root);
	cJSON_Delete(root);
	if (!text)
		return -ENOMEM;
	puts(text);
	free(text);
	return 0;
}
