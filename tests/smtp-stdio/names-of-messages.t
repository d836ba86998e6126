# What the name of a stored message says: when, a unique part that is the message's id,
# the host, and its sizes.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;

my $root = new_root('bob@example.com');
my $host = 'mail.example.org';
my %seen;

for my $message ('', "one\n", "Subject: x\n\none\n\n..two\n", "\xff\x80\n", "line\n" x 10000) {
	for my $path (messages($root, 'bob@example.com')) {
		unlink $path;
	}
	my $what = length($message) . ' octets';
	my ($output, $status) = run("HELO client.example\r\nMAIL FROM:<sender\@client.example>\r\nRCPT TO:<bob\@example.com>\r\n"
	    . "DATA\r\n" . dot_stuffed(crlf($message)) . ".\r\nQUIT\r\n", [ program('smtp-stdio'), '-d', $root, '-h', $host ]);
	my ($path) = messages($root, 'bob@example.com');
	my $stored = contents($path);
	my ($name) = $path =~ m{/new/([^/]+)$};
	my ($base, $size, $wire) = $name =~ /^([^,]+),S=(\d+),W=(\d+)$/;
	is($size, length $stored, "$what: S= is the size of the file"); ## smtp-stdio-store-a
	is($wire, length crlf($stored), "$what: W= is its size with CRLF"); ## smtp-stdio-store-a
	is(substr($stored, -length $message), $message, "$what: it ends in what was sent") if length $message; ## smtp-5321-4.5.2-b
	my ($seconds, $unique) = $base =~ /^(\d+)\.([!-+\--.0-9;-~]+)\.\Q$host\E$/;
	cmp_ok(abs($seconds - time), '<', 600, "$what: the name begins with the time");
	cmp_ok(length $base, '<=', 70, "$what: and is short enough for a unique-id");
	cmp_ok(length $unique, '>=', 11, "$what: and has room for 64 random bits");
	like($output, qr/^250 2\.0\.0 OK id=\Q$unique\E\r$/m, "$what: the reply has the id of the name"); ## smtp-5321-4.1.1.4-f
	my ($trace) = $stored =~ /\AReturn-Path:[^\n]*\n(Received:[^\n]*(?:\n\t[^\n]*)*)\n/;
	like($trace, qr/\sid \Q$unique\E[\s;]/, "$what: and so has the trace"); ## smtp-5321-4.1.1.4-f smtp-5321-4.4-a
	ok(!$seen{$unique}++, "$what: no id comes twice");
	is((stat $path)[2] & 07777, 0600, "$what: nobody else can read it");
}
is((stat "$root/mail/example.com/bob/$_")[2] & 07777, 0700, "nobody else can look into $_") for qw(new cur tmp);

my ($output) = run("HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<bob\@example.com>\r\nDATA\r\n.\r\nQUIT\r\n",
    [ program('smtp-stdio'), '-d', $root, '-h', 'a-very-long-host-name' x 10 ]);
my @paths = messages($root, 'bob@example.com');
is(scalar(grep { !m{/[^/,]{1,70},S=\d+,W=\d+$} } @paths), 0, 'a long host name is cut');

done_testing;
