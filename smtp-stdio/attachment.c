/* Files as parts of a message; see attachment.h. */
#include "smtp-stdio/attachment.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "smtp-stdio/mime_encode.h"
#include "store/text.h"

/* Media types by the ends of names; what is not here is octets. */
static const struct {
	const char *end, *type;
} types[] = {
	{ ".csv",  "text/csv"         },
	{ ".gif",  "image/gif"        },
	{ ".gz",   "application/gzip" },
	{ ".htm",  "text/html"        },
	{ ".html", "text/html"        },
	{ ".jpeg", "image/jpeg"       },
	{ ".jpg",  "image/jpeg"       },
	{ ".json", "application/json" },
	{ ".log",  "text/plain"       },
	{ ".md",   "text/markdown"    },
	{ ".mp3",  "audio/mpeg"       },
	{ ".mp4",  "video/mp4"        },
	{ ".patch", "text/x-patch"    },
	{ ".pdf",  "application/pdf"  },
	{ ".png",  "image/png"        },
	{ ".svg",  "image/svg+xml"    },
	{ ".txt",  "text/plain"       },
	{ ".xml",  "application/xml"  },
	{ ".zip",  "application/zip"  },
	{ "",      "application/octet-stream" }
};

static const char *
media_type(const char *name)
{
	size_t length = strlen(name), i = 0;

	for (;; i++) {
		size_t end = strlen(types[i].end);

		if (end <= length && text_equal_folded(name + length - end,
		    end, types[i].end, end))
			return types[i].type;
	}
}

const char *
charset_name(const struct content *content)
{
	const char *name;

	if (content->eight_bits == 0)
		return "us-ascii";
	if (content->is_utf8)
		return "utf-8";
	(void)setlocale(LC_CTYPE, "");
	name = nl_langinfo(CODESET);
	if (strncmp(name, "ANSI", 4) == 0 || strcmp(name, "ASCII") == 0 ||
	    strcmp(name, "UTF-8") == 0 || *name == '\0')
		return "unknown-8bit";
	return name;
}

static bool
print_part(FILE *out, int file, const char *name)
{
	const char *type = media_type(name);
	struct content content;

	if (content_scan(&content, file, 0) == -1)
		return false;
	fprintf(out, "Content-Type: %s", type);
	if (strncmp(type, "text/", 5) == 0)
		parameter_print(out, "charset", charset_name(&content));
	fputs("\nContent-Disposition: attachment", out);
	parameter_print(out, "filename", name);
	fprintf(out, "\nContent-Transfer-Encoding: %s\n\n",
	    transfer_encoding_name(ENCODING_BASE64));
	return encoded_copy(out, file, 0, ENCODING_BASE64);
}

bool
attachment_print(FILE *out, const char *path, struct failure *failure)
{
	const char *slash = strrchr(path, '/');
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;
	bool printed;

	if (file == -1)
		return failure_set(failure, EX_NOINPUT,
		    "cannot attach %s: %s", path, strerror(errno));
	errno = EINVAL;                 /* no regular file */
	printed = fstat(file, &status) == 0 && S_ISREG(status.st_mode) &&
	    print_part(out, file, slash == NULL ? path : slash + 1);
	if (!printed)
		failure_set(failure, EX_NOINPUT, "cannot attach %s: %s", path,
		    strerror(errno));
	(void)close(file);
	return printed;
}
