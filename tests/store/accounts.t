#!/usr/bin/perl
# mailstore makes and removes accounts: what is on the disk after each command, who may
# read it, and what the exit status tells a script.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(messages remove_directory);
use StoreTest;
use Test::More;

my $root = new_root();
my $bob = 'bob@example.com';

sub mode {
	my ($path) = @_;
	my @status = lstat "$root/$path" or return "no $path";
	return sprintf '%o', $status[2] & 07777;
}

# Runs mailstore and checks its status; returns its output and what it said besides.
sub does {
	my ($status, $input, @arguments) = @_;
	my ($is, $output, $errors) = mailstore($root, $input, @arguments);
	is($is, $status, "@arguments: $status") or diag $errors;
	is($output, '', 'nothing on standard output') if $status;
	unlike($errors, qr/secret/, 'and no password anywhere');
	return ($output, $errors);
}

# add
umask 0;
does(0, "secret\n", 'add', $bob);
umask 022;
is_deeply([ grep { !m{^mail} } entries($root) ],
    [ qw(accounts accounts/example.com accounts/example.com/bob passwords passwords/.secret
        passwords/example.com passwords/example.com/bob) ], 'an account is a directory, its password a file');
is(mode('.'), '700', 'the mail root is for its owner');
is(mode($_), '700', "$_ too") for qw(accounts accounts/example.com accounts/example.com/bob passwords
    passwords/example.com);
is(mode("passwords/$_"), '600', "passwords/$_ too") for qw(.secret example.com/bob);
does(73, "secret\n", 'add', $bob);
does(73, "secret\n", 'add', 'BOB@Example.COM');
does(73, '', 'add', '-n', $bob);
does(0, '', 'add', '-n', 'Ann@Example.com');
ok(-d "$root/accounts/example.com/ann", 'names are stored in lower case');
ok(!-e "$root/passwords/example.com/ann", 'without a password there is no file for it');
does(0, '', 'add', '-n', '*@example.com');
ok(-d "$root/accounts/example.com/*", 'the account that takes the rest has that name');
does(0, "p\n", 'add', 'jürgen@müller.example');
ok(-d "$root/accounts/müller.example/jürgen", 'UTF-8 stays as it is');

# The password is the first line of standard input.
sub logs_in {
	my ($address, $password) = @_;
	my $client = pop3($root);
	ask($client, "USER $address");
	my $reply = ask($client, "PASS $password");
	ask($client, 'QUIT');
	return $reply =~ /^\+OK/;
}

ok(logs_in($bob, 'secret'), 'the password is the right one');
ok(!logs_in('ann@example.com', ''), 'who has none cannot log in');
does(0, "new one\nsecond line\n", 'passwd', $bob);
ok(logs_in($bob, 'new one'), 'passwd takes the first line');
ok(!logs_in($bob, 'secret'), 'the old password is gone');
does(0, 'no line end', 'passwd', $bob);
ok(logs_in($bob, 'no line end'), 'a line without an end is one too');
does(0, "carriage\r\n", 'passwd', $bob);
ok(logs_in($bob, 'carriage') || logs_in($bob, "carriage\r"), 'a line as other systems write it is taken somehow');
does(0, "secret\n", 'passwd', 'ann@example.com');
ok(logs_in('ann@example.com', 'secret'), 'passwd gives a password to who had none');
does(0, 'x' x 500 . "\n", 'passwd', $bob);
ok(logs_in($bob, 'x' x 500), 'a password may have 500 octets');
{
	my ($status) = mailstore($root, 'x' x 501 . "\n", 'passwd', $bob);
	isnt($status, 0, 'one that POP3 could never carry is refused');
	ok(logs_in($bob, 'x' x 500), 'and the old one stays');
	for my $input ('', "\n") {
		($status) = mailstore($root, $input, 'passwd', $bob);
		isnt($status, 0, 'an empty password is refused');
		($status) = mailstore($root, $input, 'add', 'empty@example.com');
		isnt($status, 0, 'by add too');
		ok(!-e "$root/accounts/example.com/empty", 'and makes no account');
	}
}
does(67, "secret\n", 'passwd', 'nobody@example.com');
does(67, "secret\n", 'passwd', 'nobody@elsewhere.example');
ok(!-e "$root/passwords/example.com/nobody", 'no password for an account that is not there');
is_deeply([ grep { m{/\.} } entries("$root/passwords") ], [], 'no temporary file stays');

# remove
put($root, 'mail/example.com/bob/new/1700000001.one.host,S=20,W=23', "Subject: one\n\nfirst\n");
put($root, 'mail/example.com/bob/cur/1700000002.two.host,S=20,W=23:2,', "Subject: two\n\nother\n");
put($root, 'mail/example.com/bob/.Sent/cur/1700000002.two.host:2,', "Subject: two\n\nother\n");
mailstore($root, "n\n", 'remove', $bob);
ok(-d "$root/accounts/example.com/bob" && logs_in($bob, 'x' x 500) && -d "$root/mail/example.com/bob",
    'who does not say yes keeps everything');
mailstore($root, '', 'remove', $bob);
ok(-d "$root/accounts/example.com/bob", 'nor does the end of the input mean yes');
does(0, "y\n", 'remove', $bob);
is_deeply([ grep { m{/bob\b} } entries($root) ], [], 'yes removes account, password and mail');
does(67, '', 'remove', '-f', $bob);
does(67, '', 'remove', '-f', 'nobody@elsewhere.example');
does(0, '', 'remove', '-f', 'ann@example.com');
ok(!logs_in('ann@example.com', 'secret'), 'who was removed cannot log in');
ok(-d "$root/accounts/example.com/*", 'others stay');
does(0, '', 'remove', '-f', '*@example.com');
ok(!-e "$root/$_/example.com", "the last account takes its domain with it in $_/") for 'accounts', 'passwords';
is_deeply([ entries("$root/mail/example.com") ], [], 'and there is no mail left');
ok(-d "$root/accounts/müller.example/jürgen", 'other domains stay');
does(0, "secret\n", 'add', $bob);
is(scalar messages($root, $bob), 0, 'an account made again has no old mail');

# remove and a session
{
	put($root, 'mail/example.com/bob/new/1700000001.one.host,S=20,W=23', "Subject: one\n\nfirst\n");
	my $client = logged_in($root, $bob, 'secret');
	does(75, '', 'remove', '-f', $bob);
	ok(-d "$root/accounts/example.com/bob", 'an account in use is not removed');
	is((lines($client, 'RETR 1'))[1], "Subject: one\r\n\r\nfirst\r\n", 'nor is its mail');
	ask($client, 'QUIT');
	is($client->status, 0, 'the session ends');
	ok(logs_in($bob, 'secret'), 'the password was not removed either');
	does(0, '', 'remove', '-f', $bob);
	ok(!-e "$root/mail/example.com/bob", 'now it is');
}

# Directories in a mailbox that go down further than any program's do.
does(0, "secret\n", 'add', $bob);
put($root, 'mail/example.com/bob/' . join('/', 1 .. 40) . '/file', 'deep');
does(75, '', 'remove', '-f', $bob);
ok(!logs_in($bob, 'secret') && !-e "$root/accounts/example.com/bob", 'what is too deep to be removed keeps no account alive');
ok(!-e "$root/mail/example.com/bob", 'nor does it stay where another one would get it');
remove_directory($_) for glob "$root/mail/.removed.*";

# show and list of what is not there
does(0, "secret\n", 'add', $bob);
does(66, '', 'show', $bob, '1700000009.none.host');
does(67, '', 'show', 'nobody@example.com', '1700000009.none.host');
does(67, '', 'list', 'nobody@example.com');
does(67, '', 'list', 'nobody.example');

# A mail root that is none.
{
	my $missing = new_root();
	my ($status, $output) = mailstore($missing, "secret\n", 'passwd', $bob);
	ok($status == 75 || $status == 67, "without a mail root: passwd fails ($status)");
	($status) = mailstore($missing, '', 'list');
	ok($status == 75 || $status == 67 || $status == 0, "list too ($status)");
	ok(!-e $missing, 'and makes none');
	open my $file, '>', $missing or die "$missing: $!\n";
	close $file;
	($status, $output) = mailstore($missing, "secret\n", 'add', $bob);
	is($status, 75, 'a file in its place: 75');
	is($output, '', 'nothing on standard output');
}
done_testing();
