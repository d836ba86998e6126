# A message with a header arrives as it was, octet for octet; and where something has to be
# added or replaced, the rest does.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use SendTest;

my $root = new_root('bob@example.com');
my $bob = "$root/mail/example.com/bob/new";

sub arrived {
	my ($name) = @_;
	my ($path, @more) = glob "$bob/*";
	ok(defined $path && !@more, "$name: one message") or return '';
	my $octets = trace_free(contents($path));
	unlink $path;
	return $octets;
}

# Whether this is taken for a message with a header.
my $known = qr/^(?:from|to|cc|bcc|subject|date|message-id|received|return-path|mime-version|content-type|sender|reply-to)[ \t]*:/im;
sub is_message {
	my ($text) = @_;
	my ($header) = ($text =~ s/\AFrom [^\n]*\n//r) =~ /\A((?:[!-9;-~]+[ \t]*:[^\n]*\n(?:[ \t][^\n]*\n)*)+)(?:\n|\z)/;
	return defined $header && $header =~ $known;
}

# Every message there is; in DATA and in chunks, with both line ends.
my $count = 0;
for my $path (glob 'tests/mail/*.eml') {
	my ($name) = $path =~ m{([^/]*)\.eml};
	my $text = contents($path) =~ s/\r\n/\n/gr;
	next if $text =~ /[\r\0]/ || !is_message($text);
	$count++;
	$text =~ s/\AFrom [^\n]*\n//;
	$text .= "\n" if $text !~ /\n\z/;
	for (['DATA', $text, '-X', 'CHUNKING'], ['BDAT', crlf($text)]) {
		my ($how, $input, @without) = @$_;
		is_sent("$name, $how", $input, [ 'bob@example.com', '--', program('smtp-stdio'), '-d', $root, @without ]) or next;
		is(arrived($name), $text, "$name, $how: is the same"); ## smtp-send-octets
	}
}
cmp_ok($count, '>', 40, 'these were messages');

# What decides
for (['any field that is known', "X-Nothing: 1\nreply-to: a\@b.example\n\ntext\n"],
    ['a header alone', "Subject: x\n"], ['a header and an empty line', "Subject: x\n\n"],
    ['a folded field', "Subject: x\n\ty: z\n\ntext\n"], ['a blank before the colon', "Subject : x\n\ntext\n"],
    ['nothing behind the colon', "Subject:\n\ntext\n"], ['capitals', "SUBJECT: x\n\ntext\n"],
    ['UTF-8 in a field', "Subject: Gr\xc3\xbc\xc3\x9fe\n\ntext\n"]) {
	my ($name, $text) = @$_;
	is_sent($name, $text, [ '-d', $root, 'bob@example.com' ]);
	is(arrived($name), $text, "$name: a message");
}
for (['no field that is known', "Hello: world\n\ntext\n"], ['a line in front', "\nSubject: x\n\ntext\n"],
    ['no empty line behind', "Subject: x\nthis is no field\n\ntext\n"], ['a blank in a name', "My Subject: x\nDear Bob\n"],
    ['a name of the past', "Subject x\n\ntext\n"], ['a folded line in front', " Subject: x\n\ntext\n"]) {
	my ($name, $text) = @$_;
	is_sent($name, $text, [ '-d', $root, 'bob@example.com' ]);
	my ($header, $body) = split /\n\n/, arrived($name), 2;
	like($header, qr/^From: .*^To: bob\@example\.com$/ms, "$name: gets a header");
	is($body, $text, "$name: is text");
}

# A line of an mbox in front
is_sent('mbox', "From alice\@example.org Sat Nov 21 14:00:00 2026\nSubject: x\n\nFrom me\n>From you\n", [ '-d', $root, 'bob@example.com' ]);
is(arrived('mbox'), "Subject: x\n\nFrom me\n>From you\n", 'its From line is left out, and no other');

# What SMTP cannot carry
for (['a bare CR', "Subject: x\n\na\rb\n"], ['a NUL', "Subject: x\n\na\0b\n"], ['a bare CR in the header', "Subject: x\ry\n\na\n"],
    ['a NUL in the header', "Subject: x\0\n\na\n"], ['a CR at the end', "Subject: x\n\na\r"], ['CR CR LF', "Subject: x\n\na\r\r\n"]) {
	my ($name, $text) = @$_;
	is_refused($name, 65, qr/./, $text, [ '-d', $root, 'bob@example.com' ]);
	is(scalar(() = glob "$bob/*"), 0, "$name: nothing is sent"); ## smtp-send-unsendable
}

# -s replaces the subject, wherever it stands, however long, however often
my $rest = "From: alice\@example.org\nDate: Sat, 21 Nov 2026 14:00:00 +0000\nMessage-ID: <1\@example.org>\n";
for (['one', "Subject: old\n$rest\nSubject: text\n"], ['one that is folded', "${rest}subject: old\n and\n\tolder\n\nSubject: text\n"],
    ['two', "Subject: old\n${rest}SUBJECT: older\n\nSubject: text\n"], ['none', "$rest\nSubject: text\n"]) {
	my ($name, $text) = @$_;
	is_sent("-s for $name", $text, [ '-d', $root, '-s', 'new', 'bob@example.com' ]);
	my ($header, $body) = split /\n\n/, arrived("-s for $name"), 2;
	is(join("\n", sort split /\n/, $header), join("\n", sort 'Subject: new', split /\n/, $rest), "-s for $name: that one, and what was there");
	is($body, "Subject: text\n", "-s for $name: the body is the same");
}
# With -s, -t or -A what is missing is added, and nothing twice
is_sent('what is missing', "To: bob\@example.com\n\ntext\n", [ '-d', $root, '-f', 'Alice <alice@example.org>', '-t' ]);
my $added = arrived('what is missing');
like($added, qr/^From: Alice <alice\@example\.org>$/m, 'From');
like($added, qr/^Date: \w{3}, /m, 'Date');
like($added, qr/^Message-ID: <\S+\@\S+>$/m, 'Message-ID');
like($added, qr/^To: bob\@example\.com$/m, 'and what was there');
is(scalar(() = $added =~ /^(?:From|Date|Message-ID|To): /mg), 4, 'each once');
# None of them: nothing is added
is_sent('-f alone', "Subject: x\n\ntext\n", [ '-d', $root, '-f', 'alice@example.org', 'bob@example.com' ]);
is(arrived('-f alone'), "Subject: x\n\ntext\n", 'changes no message');
done_testing;
