#!/usr/bin/perl
# Nothing below the mail root is reached through a symbolic link, by none of the programs:
# whoever could plant one could otherwise have our mail put elsewhere, or files of others
# read or removed.  The mail root itself may be one: that is the administrator's choice.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(messages program);
use StoreTest;
use Test::More;

my $bob = 'bob@example.com';
my $message = "EHLO c\r\nMAIL FROM:<a\@client.example>\r\nRCPT TO:<$bob>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\nQUIT\r\n";
my $login = "USER $bob\r\nPASS secret\r\nSTAT\r\nRETR 1\r\nDELE 1\r\nQUIT\r\n";

# A mail root with an account; and a directory outside that looks like $part of one.
sub planted {
	my ($part, $make) = @_;
	my ($root, $outside) = (new_root(), new_root());
	add($root, $bob, 'secret');
	put($root, 'mail/example.com/bob/new/1700000001.one.host,S=20,W=23', "Subject: one\n\nfirst\n");
	mkdir maildir($root, $bob) . "/$_", 0700 for 'tmp', 'cur';
	mkdir $outside, 0700;
	rename "$root/$part", "$outside/it" or die "$part: $!\n";
	symlink "$outside/it", "$root/$part" or die "$part: $!\n";
	return ($root, $outside);
}

for my $part ('accounts', 'accounts/example.com', 'accounts/example.com/bob', 'mail', 'mail/example.com',
    'mail/example.com/bob', 'mail/example.com/bob/new') {
	my ($root, $outside) = planted($part);
	my @before = entries($outside);
	my ($output) = smtp_session($root, $message);
	unlike($output, qr/^354 .*\r\n250 /m, "$part: no mail is delivered through it");
	is_deeply([ entries($outside) ], \@before, 'nothing is written there');
	($output) = pop3_session($root, $login);
	unlike($output, qr/^Subject: one/m, 'nothing is read through it');
	is_deeply([ entries($outside) ], \@before, 'nothing is removed there');
	mailstore($root, '', 'remove', '-f', $bob);
	is_deeply([ entries($outside) ], \@before, 'nor by mailstore remove');
	my ($status, $shown) = mailstore($root, '', 'show', $bob, '1700000001.one.host');
	isnt($status, 0, 'mailstore show fails');
	is($shown, '', 'and shows nothing');
	mailstore($root, '', 'add', '-n', 'new@example.com');
	is_deeply([ entries($outside) ], \@before, 'add makes nothing there') unless $part =~ /^mail/;
}

for my $part ('passwords', 'passwords/example.com', 'passwords/example.com/bob') {
	my ($root, $outside) = planted($part);
	my $path = $part eq 'passwords' ? 'it/example.com/bob' : $part =~ /bob$/ ? 'it' : 'it/bob';
	my $before = octets_of("$outside/$path");
	my ($output) = pop3_session($root, $login);
	unlike($output, qr/^\+OK 1 /m, "$part: no verifier is read through it");
	mailstore($root, "other\n", 'passwd', $bob);
	is(octets_of("$outside/$path"), $before, 'none is written through it');
	mailstore($root, '', 'remove', '-f', $bob);
	ok(-e "$outside/$path", 'none is removed through it');
}

{
	# A message that is a link is none.
	my $root = new_root();
	add($root, $bob, 'secret');
	put($root, 'mail/example.com/bob/new/1700000001.one.host,S=20,W=23', "Subject: one\n\nfirst\n");
	put($root, 'outside', "Subject: outside\n\nx\n");
	symlink '../../../../outside', maildir($root, $bob) . "/new/170000000$_" or die "$!\n"
	    for '2.two.host', '3.three.host,S=21,W=24';
	symlink '/nowhere', maildir($root, $bob) . '/new/1700000004.four.host' or die "$!\n";
	my ($output, $status) = pop3_session($root,
	    "USER $bob\r\nPASS secret\r\nSTAT\r\nLIST\r\nRETR 1\r\nRETR 2\r\nRETR 3\r\nQUIT\r\n");
	unlike($output, qr/outside/, 'a message that is a link is not sent');
	like($output, qr/^\+OK 1 23\r$/m, 'nor counted');      ## pop3-store-f
	is($status, 0, 'and disturbs nobody');
	my ($shown_status, $shown) = mailstore($root, '', 'show', $bob, '1700000002.two.host');
	is($shown_status, 66, 'mailstore show does not find it');
	is($shown, '', 'and shows nothing');
	mailstore($root, '', 'remove', '-f', $bob);
	is(octets_of("$root/outside"), "Subject: outside\n\nx\n", 'remove removes the link, not what it points to');
}

{
	# A lock, and a file being received, are not made through a link.
	my $root = new_root();
	add($root, $bob, 'secret');
	put($root, 'mail/example.com/bob/new/1700000001.one.host,S=20,W=23', "Subject: one\n\nfirst\n");
	unlink maildir($root, $bob) . '/pop3-lock';
	symlink "$root/elsewhere", maildir($root, $bob) . '/pop3-lock' or die "$!\n";
	my ($output) = pop3_session($root, $login);
	like($output, qr{^-ERR \[SYS/TEMP\] }m, 'a lock that is a link: trouble');
	ok(!-e "$root/elsewhere", 'and nothing is made where it points to');
	rmdir "$root/mail/.incoming";
	symlink "$root/elsewhere", "$root/mail/.incoming" or die "$!\n";
	mkdir "$root/elsewhere";
	($output) = smtp_session($root, $message);
	unlike($output, qr/^354 .*\r\n250 /m, 'mail/.incoming that is a link: no delivery');
	is_deeply([ entries("$root/elsewhere") ], [], 'and nothing is written');
}

{
	my $root = new_root();
	add($root, $bob, 'secret');
	symlink $root, "$root-link" or die "$!\n";
	my ($output) = smtp_session("$root-link", $message);
	like($output, qr/^354 .*\r\n250 /m, 'the mail root itself may be a link');
	($output) = pop3_session("$root-link", $login);
	like($output, qr/^Subject: x\r$/m, 'for POP3 too');
}
done_testing();
