# A text gets the header that it needs, and comes out as it was: seven bits on the way, a
# charset that is true, names and subjects in encoded words.  Python's email package reads
# what arrives.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use SendTest;

need('python3', 'python3');
my $root = new_root('bob@example.com');
my $bob = "$root/mail/example.com/bob/new";

# Sends, and returns what arrives, without the trace, and as Python reads it.
sub sent {
	my ($name, $input, $arguments, %with) = @_;
	is_sent($name, $input, [ '-d', $root, @$arguments ], %with) or return ('', {});
	my ($path, @more) = glob "$bob/*";
	ok(defined $path && !@more, "$name: one message") or return ('', {});
	my $octets = trace_free(contents($path));
	unlink $path;
	return ($octets, parsed($octets));
}

sub field {
	my ($parsed, $name) = @_;
	return join '|', map { $_->[1] } grep { lc $_->[0] eq lc $name } @{$parsed->{header}};
}

my ($octets, $parsed) = sent('a text', "Hello Bob.\n", [ '-f', 'alice@example.org', '-s', 'Hello', 'bob@example.com' ]);
is(join(' ', sort map { $_->[0] } @{$parsed->{header}}),
    'Content-Transfer-Encoding Content-Type Date From MIME-Version Message-ID Subject To', 'the fields that it gets'); ## smtp-send-text-a
is(field($parsed, 'From'), 'alice@example.org', 'From');
is(field($parsed, 'To'), 'bob@example.com', 'To');
is(field($parsed, 'Subject'), 'Hello', 'Subject');
is(field($parsed, 'MIME-Version'), '1.0', 'MIME-Version');
like(field($parsed, 'Date'), qr/\A(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d? \w{3} \d{4} \d\d:\d\d:\d\d [-+]\d{4}\z/, 'Date');
like(field($parsed, 'Message-ID'), qr/\A<[^\s<>@]{10,}\@[^\s<>@]+>\z/, 'Message-ID');
is("@{$parsed->{defects}}", '', 'Python finds nothing wrong');
is($parsed->{parts}[0]{charset}, 'us-ascii', 'us-ascii');
like($octets, qr/\n\nHello Bob\.\n\z/, 'and the text');
my $first = field($parsed, 'Message-ID');
(undef, $parsed) = sent('the same again', "Hello Bob.\n", [ 'bob@example.com' ]);
isnt(field($parsed, 'Message-ID'), $first, 'another Message-ID');
is(field($parsed, 'Subject'), '', 'no subject, no field');
like(field($parsed, 'From'), qr/\A[^@\s]+\@[^@\s]+\z/, 'From is who runs it');

# Texts: name, octets, locale, charset, encoding
my $latin = "Viele sch\xf6ne und ganz herzliche Gr\xfc\xdfe\n";
my $high = join '', map { chr } 0x80 .. 0xff;
my @texts = (
	[ 'nothing', '', 'C', 'us-ascii', '7bit' ],
	[ 'an empty line', "\n", 'C', 'us-ascii', '7bit' ],
	[ 'no line end', 'Hello', 'C', 'us-ascii', '7bit' ],
	[ 'dots', ".\n..\n...\n.x\n\n.\n", 'C', 'us-ascii', '7bit' ],
	[ 'CRLF', "one\r\ntwo\r\n", 'C', 'us-ascii', '7bit' ],
	[ 'what looks like a command', "QUIT\n.\nRSET\n", 'C', 'us-ascii', '7bit' ],
	[ 'From in a line', "Dear Bob\n\nFrom here on\n", 'C', 'us-ascii', '7bit' ],
	[ 'a line of 998', 'x' x 998 . "\n", 'C', 'us-ascii', '7bit' ],
	[ 'a line of 999', 'x' x 999 . "\n", 'C', 'us-ascii', qr/quoted-printable|base64/ ],
	[ 'a line of 100000', 'x y=' x 25000 . "\n", 'C', 'us-ascii', qr/quoted-printable|base64/ ],
	[ 'UTF-8', "Schöne Grüße, ganz lang genug für eine Zeile, die mehr als sechsundsiebzig Zeichen hat\n" x 3, 'C', 'utf-8', 'quoted-printable' ],
	[ 'blanks at the ends of lines', "Schöne Zeilen enden mit Leerzeichen \nviele Grüße\t\n  \n", 'C', 'utf-8', 'quoted-printable' ],
	[ 'a script that is all UTF-8', "Здравствуй, мир\n" x 20, 'C', 'utf-8', 'base64' ],
	[ 'a character of four octets', "\x{f0}\x9f\x98\x80 = smile and much more text\n", 'C', 'utf-8', 'quoted-printable' ],
	[ 'what is no UTF-8', $latin, 'C', 'unknown-8bit', 'quoted-printable' ],
	[ 'an over-long form', "\xc0\xaf and more text beside it\n", 'C', 'unknown-8bit', 'quoted-printable' ],
	[ 'a character cut at the end', "and more text beside it \xc3", 'C', 'unknown-8bit', 'quoted-printable' ],
	[ 'all octets from 0x80 on', "$high\n", 'C', 'unknown-8bit', qr/quoted-printable|base64/ ],
	[ 'controls', join('', map { chr } 1 .. 8, 11, 12, 14 .. 31, 127) . "\n", 'C', 'us-ascii', qr/./ ],
	[ 'equal signs', "=3D =\nü=\n=41\nand more text beside it\n", 'C', 'utf-8', 'quoted-printable' ],
);
for (@texts) {
	my ($name, $text, $locale, $charset, $encoding) = @$_;
	utf8::encode($text) if utf8::is_utf8($text);
	my ($octets, $parsed) = sent($name, $text, [ '-s', $name, 'bob@example.com' ], environment => { LC_ALL => $locale });
	next unless length $octets;
	my ($part) = @{$parsed->{parts}};
	is("@{$parsed->{defects}}", '', "$name: nothing wrong");
	is($part->{type}, 'text/plain', "$name: text/plain");
	is($part->{charset}, $charset, "$name: charset"); ## smtp-send-text-b
	like($part->{encoding}, ref $encoding ? $encoding : qr/\A$encoding\z/, "$name: encoding");
	unlike($octets, qr/[^\n\t\x01-\x7f]/, "$name: seven bits on the way"); ## smtp-send-text-b
	unlike($octets, qr/[^\n]{999}/, "$name: no line too long");
	unlike($octets =~ s/\A.*?\n\n//sr, qr/[^\n]{77}/, "$name: no encoded line too long") if $part->{encoding} ne '7bit';
	my $expected = crlf($text) =~ s/\r\n/\n/gr;
	is($part->{content} =~ s/\r\n/\n/gr =~ s/(?<=[^\n])\z/\n/r, $expected, "$name: the text is what it was");
}

# A locale with a charset of its own, where there is one
SKIP: {
	my ($locales) = run('', [ 'locale', '-a' ]);
	my ($locale) = $locales =~ /^(\S+\.iso885915?\S*|de_DE|en_US|de_DE\@euro)$/m;
	skip 'no locale with ISO 8859 here', 1 unless defined $locale && eval { run('', [ 'true' ]) };
	my ($octets, $parsed) = sent("locale $locale", $latin, [ 'bob@example.com' ], environment => { LC_ALL => $locale });
	like($parsed->{parts}[0]{charset}, qr/\Aiso-8859-/, 'the charset is that of the locale');
}
# One that has UTF-8 says nothing for a text that is none
(undef, $parsed) = sent('a locale with UTF-8, a text without', $latin, [ 'bob@example.com' ], environment => { LC_ALL => 'C.UTF-8' });
is($parsed->{parts}[0]{charset}, 'unknown-8bit', 'is of an unknown charset');

# Subjects and names: what is given, and what is read
my $umlauts = 'Grüße aus dem schönen Köln, wo es heute so heiß ist wie überall sonst in Europa und der übrigen Welt';
my @subjects = ('Hello', 'a  b', ' leading', 'with =?utf-8?q?look-alike?=', '"quoted" (comment) <x@y>', 'Käse', 'Здравствуй, мир ' x 10,
	$umlauts, "\x{1F600}" x 60, 'x' x 300, 'word ' x 100 . 'end', 'word ' x 1000 . 'end', 'wörd ' x 1000 . 'end', "\x{e9}" x 200);
for my $subject (@subjects) {
	my $name = 'subject ' . substr($subject, 0, 30);
	utf8::encode(my $given = $subject);
	my ($octets, $parsed) = sent($name, "text\n", [ '-s', $given, 'bob@example.com' ], environment => { LC_ALL => 'C.UTF-8' });
	my ($header) = $octets =~ /\A(.*?)\n\n/s;
	unlike($header || '', qr/[^\n]{77}/, "$name: folded") unless $subject =~ /^x{300}/;
	unlike($header || '', qr/[^\n\t\x20-\x7e]/, "$name: ASCII");
	unlike($header || '', qr/^[ \t]*$/m, "$name: no line of blanks");
	is(field($parsed, 'Subject') =~ s/\A +| +\z//gr, $subject =~ s/\A +| +\z//gr, "$name: is read"); ## smtp-send-words
}
(undef, $parsed) = sent('a subject of two lines', "text\n", [ '-s', "one\nBcc: eve\@example.org\r\n\r\ntwo", 'bob@example.com' ]);
is(field($parsed, 'Bcc'), '', 'a line end in a subject begins no field');
like(field($parsed, 'Subject'), qr/\Aone +Bcc: eve\@example\.org +two\z/, 'it is a blank');

for (['Alice <alice@example.org>', 'Alice', 'Alice <alice@example.org>'],
    ['Alice B. Carroll <alice@example.org>', 'Alice B. Carroll', '"Alice B. Carroll" <alice@example.org>'],
    ['"Carroll, Alice" <alice@example.org>', 'Carroll, Alice', '"Carroll, Alice" <alice@example.org>'],
    ['Zoë Käßner-Müllerin von und zu Überhausen an der schönen blauen Donau <alice@example.org>',
	'Zoë Käßner-Müllerin von und zu Überhausen an der schönen blauen Donau'],
    ['<alice@example.org>', '', 'alice@example.org'], ['alice@example.org', '', 'alice@example.org']) {
	my ($from, $person, $shown) = @$_;
	utf8::decode(my $characters = $person);
	my ($octets, $parsed) = sent("from $person", "text\n", [ '-f', $from, 'bob@example.com' ], environment => { LC_ALL => 'C.UTF-8' });
	my ($read) = field($parsed, 'From') =~ /\A"?(.*?)"? ?<?alice\@example\.org>?\z/;
	is($read, $characters, "from $person: is read");
	unlike(($octets =~ /\A(.*?)\n\n/s)[0] || '', qr/[^\n]{77}|[^\n\x20-\x7e]/, "from $person: in short lines of ASCII");
	is(join('', map { $_->[1] } grep { $_->[0] eq 'From' } @{$parsed->{raw}}), $shown, "from $person: as it stands there") if defined $shown;
}

# To: those who are named, with their names
(undef, $parsed) = sent('names of recipients', "text\n", [ 'Bob <bob@example.com>', '"Bob, again" <BOB@example.com>', '<bob@example.com>' ]);
is(field($parsed, 'To') =~ s/,\s+/, /r, 'Bob <bob@example.com>, "Bob, again" <BOB@example.com>', 'To has each once, with the name');
# No sender: reports go to nobody
for my $null ('<>', '') {
	is_sent("-f '$null'", "text\n", [ '-d', $root, '-f', $null, 'bob@example.com' ]);
	my ($path) = glob "$bob/*";
	like(contents($path), qr/\AReturn-Path: <>\n/, "-f '$null': the null reverse-path");
	like(contents($path), qr/^From: [^\s@]+\@\S+$/m, "-f '$null': and From all the same");
	unlink $path;
}
done_testing;
