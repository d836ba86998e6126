# -A: files come out octet for octet, under their names; what the message was is the first
# part.  Python's email package takes them apart.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use SendTest;

need('python3', 'python3');
my $root = new_root('bob@example.com');

# Sends with these files (name, octets).  Returns the message, and as Python reads it.
sub sent {
	my ($name, $input, $files, @more) = @_;
	my @flags = map { ('-A', own_file($_->[1], $_->[0])) } @$files;
	is_sent($name, $input, [ '-d', $root, @flags, @more, 'bob@example.com' ]) or return;
	my ($path) = glob "$root/mail/example.com/bob/new/*";
	my $octets = trace_free(contents($path));
	unlink $path;
	my $parsed = parsed($octets);
	is("@{$parsed->{defects}}", '', "$name: nothing wrong");
	unlike($octets, qr/[^\n\t\x20-\x7e]|[^\n]{999}/, "$name: lines of ASCII") if $input !~ /[^\n\t\x20-\x7e]/;
	return ($octets, $parsed);
}

# Contents: name, octets
my $all = join '', map { chr } 0 .. 255;
my @contents = ([ 'empty', '' ], [ 'one octet', "\0" ], [ 'text', "Hello.\n" ], [ 'no line end', 'Hello' ], [ 'all octets', $all ],
	[ 'all line ends', "a\nb\r\nc\rd\n\re\r\r\n" ], [ 'boundaries', "--=_\n\n--\n.\n" ], [ 'much', $all x 3000 . 'x' ],
	map { [ "$_ octets", 'x' x $_ ] } 1 .. 4, 56, 57, 58, 3 * 57, 65535, 65536, 65537);
for (@contents) {
	my ($name, $octets) = @$_;
	my (undef, $parsed) = sent($name, "See there.\n", [ [ 'file.bin', $octets ] ]) or next;
	my ($text, $file, @more) = @{$parsed->{parts}};
	is($parsed->{types}[0], 'multipart/mixed', "$name: multipart/mixed");
	is($text->{content} =~ s/\n\z//r, 'See there.', "$name: the text");
	is($file->{type}, 'application/octet-stream', "$name: octets");
	is($file->{disposition}, 'attachment', "$name: attached");
	is($file->{encoding}, 'base64', "$name: base64");
	ok($file->{content} eq $octets, "$name: octet for octet"); ## smtp-send-attachment
	is(scalar @more, 0, "$name: no more");
}

# Names of files, and the types that they end in
my @names = ([ 'list.txt', 'text/plain' ], [ 'LIST.TXT', 'text/plain' ], [ 'picture.png', 'image/png' ], [ 'photo.jpg', 'image/jpeg' ],
	[ 'page.html', 'text/html' ], [ 'paper.pdf', 'application/pdf' ], [ 'data', 'application/octet-stream' ], [ '.txt', 'text/plain' ],
	[ 'a b c.zip', 'application/zip' ], [ 'say "hello"\\.pdf', 'application/pdf' ], [ 'semi;colon=.gz', 'application/gzip' ],
	[ 'Größe.pdf', 'application/pdf' ], [ 'отчёт за ноябрь.pdf', 'application/pdf' ], [ "it's 100%.csv", 'text/csv' ], [ 'Größe 50% \'neu\'*.pdf', 'application/pdf' ],
	[ 'x' x 200 . '.pdf', 'application/pdf' ], [ 'ä' x 100 . '.pdf', 'application/pdf' ], [ '=?utf-8?q?x?=.pdf', 'application/pdf' ]);
for (@names) {
	my ($file, $type) = @$_;
	my ($octets, $parsed) = sent("name $file", "text\n", [ [ $file, "content\n" ] ]) or next;
	my $part = $parsed->{parts}[1];
	utf8::decode(my $expected = $file);
	is($part->{filename}, $expected, "name $file: is read"); ## smtp-send-attachment
	is($part->{type}, $type, "name $file: type");
	ok($part->{content} eq "content\n", "name $file: content");
}
# A name can do nothing to the header, and its directory is nobody's business
my ($octets, $parsed) = sent('a line end in a name', "text\n", [ [ "a\nBcc: eve\@example.org\n\nb", "x" ] ]);
unlike($octets, qr/^Bcc/m, 'no field out of a name');
(undef, $parsed) = sent('a path', "text\n", [ [ 'list.txt', 'x' ] ]);
is($parsed->{parts}[1]{filename}, 'list.txt', 'no directories');

# The charset of a text file is said where it is known
for ([ 'ASCII', "Hello\n", 'us-ascii' ], [ 'UTF-8', "Gr\xc3\xbc\xc3\x9fe\n", 'utf-8' ], [ 'another', "Gr\xfc\xdfe\n", 'unknown-8bit' ]) {
	my ($name, $text, $charset) = @$_;
	(undef, $parsed) = sent("a text file in $name", "text\n", [ [ 'x.txt', $text ] ]);
	is($parsed->{parts}[1]{charset}, $charset, "a text file in $name: charset");
}

# Several, in their order; the same one twice
(undef, $parsed) = sent('several', "text\n", [ map { [ "$_.txt", "file $_\n" ] } 1 .. 20 ]);
is(join('', map { $_->{content} } @{$parsed->{parts}}[1 .. 20]), join('', map { "file $_\n" } 1 .. 20), 'each in its place');

# The text in front: as it would be alone
(undef, $parsed) = sent('a text in UTF-8', "Schöne Grüße, und viel mehr Text als nur das, damit es sich lohnt\n", [ [ 'x', 'x' ] ], '-s', 'Grüße');
is($parsed->{parts}[0]{charset}, 'utf-8', 'its charset');
is($parsed->{parts}[0]{encoding}, 'quoted-printable', 'its encoding');
is($parsed->{parts}[0]{content} =~ s/\n+\z//r, 'Schöne Grüße, und viel mehr Text als nur das, damit es sich lohnt', 'and it');
(undef, $parsed) = sent('no text', '', [ [ 'x.txt', 'x' ] ]);
is(scalar @{$parsed->{parts}}, 2, 'an empty text is a part as well');

# A message: its content is the first part, its header the header
my $html = "From: alice\@example.org\nSubject: page\nX-Mine: kept\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n"
    . "Content-Transfer-Encoding: quoted-printable\nMessage-ID: <1\@example.org>\n\n<p>Gr=C3=BC=C3=9Fe</p>\n";
($octets, $parsed) = sent('a message', $html, [ [ 'x.bin', $all ] ]);
is(join(' ', sort map { $_->[0] } @{$parsed->{header}}), 'Content-Type Date From MIME-Version Message-ID Subject X-Mine', 'its header, with what is missing');
is(join(' ', @{$parsed->{types}}), 'multipart/mixed text/html application/octet-stream', 'its content, and the file');
is($parsed->{parts}[0]{content} =~ s/\n+\z//r, "<p>Gr\xc3\xbc\xc3\x9fe</p>", 'the content is as it was');
ok($parsed->{parts}[1]{content} eq $all, 'and so is the file');
($octets, $parsed) = sent('a message of parts', contents('tests/mail/multipart-alternative.eml'), [ [ 'x.bin', $all ] ]);
is($parsed->{types}[0], 'multipart/mixed', 'parts around parts');
is($parsed->{types}[1], 'multipart/alternative', 'that stay what they were');
ok($parsed->{parts}[-1]{content} eq $all, 'with the file behind');

# What cannot be read: nothing is sent
is_refused("a file that is not there", 66, qr/nowhere/, "text\n", [ '-d', $root, '-A', "$root/nowhere", 'bob@example.com' ]);
is_refused('a directory', 66, qr/./, "text\n", [ '-d', $root, '-A', $root, 'bob@example.com' ]);
is_refused('one of two', 66, qr/nowhere/, "text\n", [ '-d', $root, '-A', own_file('x'), '-A', "$root/nowhere", 'bob@example.com' ]);
is(scalar messages($root, 'bob@example.com'), 0, 'nobody gets anything');
done_testing;
