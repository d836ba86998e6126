#!/usr/bin/perl
# Started as root, every program first becomes the owner of the mail root, so that
# everything it makes belongs to that user, and so that it can do nothing that this user
# could not.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(messages program);
use StoreTest;
use Test::More;

needs_root();

my ($user, $group) = (23_456, 23_457);
my $bob = 'bob@example.com';
my $root = new_root();
mkdir $root, 0700 or die "$root: $!\n";
chown $user, $group, $root or die "$root: $!\n";

sub all_owned {
	my ($name) = @_;
	my @wrong = grep { my @status = lstat "$root/$_"; $status[4] != $user || $status[5] != $group } entries($root);
	is_deeply(\@wrong, [], "$name: everything belongs to the owner of the mail root");
}

is((mailstore($root, "secret\n", 'add', $bob))[0], 0, 'mailstore add');
all_owned('mailstore add');
is((mailstore($root, "other\n", 'passwd', $bob))[0], 0, 'mailstore passwd');
all_owned('mailstore passwd');

my ($output, $status) = smtp_session($root, "EHLO c\r\nMAIL FROM:<a\@client.example>\r\nRCPT TO:<$bob>\r\n"
    . "RCPT TO:<postmaster\@example.com>\r\nRCPT TO:<new\@example.com>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\nQUIT\r\n",
    flags => ['-c']);
like($output, qr/^354 .*\r\n250 /m, 'smtp-stdio delivers');
is(scalar messages($root, $_), 1, "to $_") for $bob, 'postmaster@example.com', 'new@example.com';
all_owned('smtp-stdio');

put($root, 'mail/example.com/bob/new/1700000001.one.host', "Subject: one\n\nfirst\n");
chown $user, $group, maildir($root, $bob) . '/new/1700000001.one.host' or die "$!\n";
($output, $status) = pop3_session($root, "USER $bob\r\nPASS other\r\nSTAT\r\nDELE 2\r\nQUIT\r\n");
like($output, qr/^\+OK 2 \d+\r$/m, 'pop3-stdio reads');
is(scalar messages($root, $bob), 1, 'and removes');
ok(-e maildir($root, $bob) . '/pop3-lock', 'there is a lock');
all_owned('pop3-stdio');

# What that user may not read is trouble, though root could.
chown 0, 0, maildir($root, $bob) . '/new' or die "$!\n";
chmod 0700, maildir($root, $bob) . '/new';
($output) = pop3_session($root, "USER $bob\r\nPASS other\r\nSTAT\r\nQUIT\r\n");
like($output, qr{^-ERR \[SYS/TEMP\] }m, 'a mailbox of somebody else cannot be read');    ## pop3-3206-b
($output) = smtp_session($root,
    "EHLO c\r\nMAIL FROM:<a\@client.example>\r\nRCPT TO:<$bob>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\nQUIT\r\n");
like($output, qr/^354 .*\r\n451 4\.3\.0 /m, 'nor delivered to');       ## smtp-5321-4.3.2-451
my ($shown) = mailstore($root, '', 'list', $bob);
like($shown, qr/^7[57]$/, 'nor listed');
chown $user, $group, maildir($root, $bob) . '/new' or die "$!\n";

# The groups of root are gone as well.
my $in = "$root.in";
open my $file, '>', $in or die "$in: $!\n";
close $file;
for my $program ('smtp-stdio', 'pop3-stdio') {
	my $client = Program->start(command => [program($program), '-d', $root]);
	$client->line;
	my %status = octets_of("/proc/$client->{pid}/status") =~ /^(\w+):[ \t]*(.*?)[ \t]*$/mg;
	is($status{Uid}, join("\t", ($user) x 4), "$program: real, effective and saved user");
	is($status{Gid}, join("\t", ($group) x 4), "$program: group");
	is($status{Groups}, '', "$program: no other groups");
	like($status{CapEff}, qr/^0+$/, "$program: no capabilities");
	$client->close_input;
	$client->rest;
}
unlink $in;

is((mailstore($root, '', 'remove', '-f', $bob))[0], 0, 'mailstore remove');
all_owned('mailstore remove');

# A mail root that belongs to root stays so.
my $own = new_root();
add($own, $bob, 'secret');
is((stat $own)[4], 0, 'a mail root made by root belongs to root');
($output) = pop3_session($own, "USER $bob\r\nPASS secret\r\nSTAT\r\nQUIT\r\n");
like($output, qr/^\+OK 0 0\r$/m, 'and works');
done_testing();
