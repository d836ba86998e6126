#!/usr/bin/perl
# A system call of smtp-send, or of the server that it has started, fails, or kills it: what
# smtp-send says was sent is delivered, whole; and nothing is ever delivered in part, or
# twice, or without a word.
use strict;
use warnings;
use lib 'tests/lib';
use FaultTest;
use MailRoot qw(messages program);
use StoreTest;
use Test::More;

plain_build('system calls');
needs_strace();

my $account = 'bob@example.com';
my $start = new_root();
add($start, $account);
my $message = "From: anna\@example.org\nSubject: message\n\n" . "The message.\n.\n" x 3000;
my $file = "$start.file";
{
	open my $handle, '>', $file or die "$file: $!\n";
	print $handle $message;
	close $handle or die "$file: $!\n";
}

# How it is sent: as it is, and changed with a file attached
my %arguments = ('as it is' => [], 'with a file' => [ '-A', $file ]);

# The status and what was said.
sub send_it {
	my ($arguments, $root, @before) = @_;
	my $errors = "$root.errors";
	my $sending = Program->start(command => [ 'sh', '-c', 'exec "$@" <"$0"', $file, @before, program('smtp-send'), '-d', $root,
	    '-T', 2, '-f', 'anna@example.org', @$arguments, $account ], errors => $errors, environment => { MAIL_STDIO_LOG => 'syslog' }, limit => 60);
	$sending->rest;
	my $status = $sending->status;
	my $said = octets_of($errors);
	unlink $errors;
	return [ $status, $said ];
}

my %unsaid;     # failures of the write that was to say why, by what failed

sub judge {
	my ($how, $root, $name, $result) = @_;
	my ($status, $said) = @$result;
	my @found = messages($root, $account);
	my @whole = grep {
		my $stored = octets_of($_);
		$how eq 'as it is' ? $stored =~ /\n\Q$message\E\z/ : $stored =~ /\nContent-Type: multipart\/mixed;\n boundary="([^"]+)"\n.*\n--\1--\n\z/s;
	} @found;
	is(scalar @whole, scalar @found, 'what is there is whole');
	cmp_ok(scalar @found, '<=', 1, 'and once at most');
	is(scalar @found, 1, 'status 0: it is delivered') if $status eq '0';
	unlike($said, qr/^smtp-send: .*\n.*^smtp-send: /ms, 'one line at most') or diag($said);
	return if $said =~ /while loading shared libraries/;     # it was not smtp-send yet
	return if $status !~ /^\d+\z/ || $status == 0 || $name =~ /KILL/;
	# One of the writes is that of the reason itself.
	return if $said !~ /^smtp-send: /m && $name =~ /^(\S+) at write/ && !$unsaid{"$how $1"}++;
	like($said, qr/^smtp-send: /m, "status $status: and a reason");
}

for my $how (sort keys %arguments) {
	my $faults = 0;
	for (['error=EIO', qw(read write pread64 lseek fcntl openat)], ['error=ENOSPC', 'write'], ['error=EMFILE', qw(openat socketpair pipe)],
	    ['error=EAGAIN', 'clone'], ['signal=KILL', qw(write poll)]) {
		my ($fault, @calls) = @$_;
		$faults += each_fault(root => $start, calls => \@calls, fault => $fault,
			session => sub { send_it($arguments{$how}, @_) },
			judge => sub { judge($how, @_) });
	}
	cmp_ok($faults, '>', 50, "$how: $faults faults");
}
unlink $file;
done_testing;
