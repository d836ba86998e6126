#!/usr/bin/perl
# Who reads what pop3-fetch shows may take longer over it than a server may over an answer.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;

my $bob = 'bob@example.com';
my $root = new_root([ $bob, 'secret' ]);
my $text = ('x' x 70 . "\n") x 20_000;
{
	open my $message, '>', "$root/mail/example.com/bob/new/1700000000.one.host" or die "$root: $!\n";
	print $message "Subject: long\n\n$text";
	close $message or die "$root: $!\n";
}
my $errors = "$root.errors";
pipe my $shown, my $output or die "pipe: $!\n";
my $fetch = fork // die "fork: $!\n";
if ($fetch == 0) {
	alarm 60;
	open STDIN, '<', '/dev/null' and open STDOUT, '>&', $output and open STDERR, '>', $errors and close $shown
	    and exec program('pop3-fetch'), '-T', 2, '-d', $root, '-u', $bob, 'read', 1;
	exit 127;
}
close $output;
sleep 4;        # the reader's part: longer than -T
my $all = do { local $/; <$shown> };
waitpid $fetch, 0;
is($?, 0, 'its exit status') or diag(contents($errors));
is(length($all =~ s/\A.*?\n\n//sr), length $text, 'all of the message is shown');
unlink $errors;
done_testing();
